/** The longest address that mail takes (RFC 5321 section 4.5.3.1). */
const longest = 254;

/**
 * The domain of an e-mail address, in lower case; undefined for what is none. It has one `@`: of `a@evil.test@good.test`
 * programs disagree which host is meant.
 */
export function emailDomain(address: string): string | undefined {
  const domain = /^[^\s@\x00-\x1f\x7f]+@([a-z0-9-]+(?:\.[a-z0-9-]+)+)$/i.exec(address)?.[1];
  return address.length > longest ? undefined : domain?.toLowerCase();
}
