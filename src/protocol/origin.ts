/** Whether two of `scheme://host[:port]` are the same origin (RFC 6454 section 5): case and default ports do not count. */
export function sameOrigin(one: string, other: string): boolean {
  const withoutDefaultPort = (url: string) => url.replace(/^(http:\/\/[^/]+):80$|^(https:\/\/[^/]+):443$/, '$1$2');
  return withoutDefaultPort(one.toLowerCase()) === withoutDefaultPort(other.toLowerCase());
}
