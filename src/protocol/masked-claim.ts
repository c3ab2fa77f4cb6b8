import { printable } from './text';

/** Values that prove something, or name a session: whoever reads them over somebody's shoulder must not have them. */
const masked = /^(?:nonce|sid|jti|session_state|[acs]_?t?_hash)$|token|secret|passw|code|assertion/i;
const compact = /^[\w-]{8,}\.[\w-]+\.[\w-]*(?:\.|$)/;

/** A claim as it may be shown to an operator: text of one line, and of some only that they are there. */
export function maskedClaim(name: string, value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value) || String(value);
  return masked.test(name) || compact.test(text) || /eyJ[\w-]{10,}\./.test(text)
    ? `(there, ${text.length} characters)`
    : printable(text, 1000);
}
