export type Parameters = Record<string, string | undefined>;

/** application/x-www-form-urlencoded, each name and value encoded by itself (RFC 6749 appendix B). */
export function encodeForm(pairs: [string, string][]): string {
  return pairs.map(([name, value]) => `${encodeValue(name)}=${encodeValue(value)}`).join('&');
}

const percentEncode = (c: string) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`;

export function encodeValue(text: string): string {
  const encoded = encodeURIComponent(text);
  return /[!'()*]/.test(encoded) ? encoded.replace(/[!'()*]/g, percentEncode) : encoded;
}

/**
 * Reads a query string strictly.
 * @returns undefined when a percent-escape or UTF-8 is broken, when something is not encoded that must be, or when a
 *   name comes twice (RFC 6749 section 3.1)
 */
export function parseParameters(query: string): Parameters | undefined {
  const parameters: Parameters = Object.create(null);
  if (!/^[\x00-\x7f]*$/.test(query)) {
    return undefined; // browsers encode it; what is left may be half a character, which cannot be encoded again
  }
  for (const pair of query.split('&')) {
    if (pair === '') {
      continue;
    }
    const at = pair.indexOf('=');
    const name = decodeValue(at < 0 ? pair : pair.slice(0, at));
    const value = decodeValue(at < 0 ? '' : pair.slice(at + 1));
    if (name === undefined || value === undefined || parameters[name] !== undefined) {
      return undefined;
    }
    parameters[name] = value;
  }
  return parameters;
}

function decodeValue(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replace(/\+/g, ' '));
  } catch {
    return undefined;
  }
}
