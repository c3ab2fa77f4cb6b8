// The Redis serialization protocol (RESP2), as far as it is needed. Everything is ASCII: characters are bytes.

/** One answer: `$` a text, `_` nothing there, `:` a number, `+` a status, `-` an error; never a list. */
export interface Reply {
  readonly kind: '$' | '_' | ':' | '+' | '-';
  readonly text: string;
  /** Where the next answer begins. */
  readonly end: number;
}

/** Longer lines than any status, number, length or error takes. */
const longestLine = 512;

/** A command as the store takes it: the number of its parts, and the length of each. */
export function command(parts: readonly string[]): string {
  let text = `*${parts.length}\r\n`;
  for (const part of parts) {
    text += `$${part.length}\r\n${part}\r\n`;
  }
  return text;
}

/**
 * The answer that begins at `from`; undefined while it is not there in full; 'broken' when it never can be one: a list, a
 * text of more than `largest` bytes, a wrong length, a stray byte.
 */
export function takeReply(data: string, from: number, largest: number): Reply | 'broken' | undefined {
  const lineEnd = data.indexOf('\r\n', from);
  if (lineEnd < 0) {
    return data.length - from > longestLine || (data.length > from && '$:+-'.indexOf(data.charAt(from)) < 0)
      ? 'broken'
      : undefined;
  }
  const kind = data.charAt(from);
  const line = data.slice(from + 1, lineEnd);
  if (line.length > longestLine) {
    return 'broken';
  }
  const end = lineEnd + 2;
  switch (kind) {
    case '+':
    case '-':
      return /[\r\n]/.test(line) ? 'broken' : { kind, text: line, end };
    case ':':
      return /^-?\d{1,16}$/.test(line) ? { kind, text: line, end } : 'broken';
    case '$':
      return line === '-1' ? { kind: '_', text: '', end } : takeText(data, line, end, largest);
    default:
      return 'broken';
  }
}

function takeText(data: string, line: string, from: number, largest: number): Reply | 'broken' | undefined {
  const length = /^(?:0|[1-9]\d{0,8})$/.test(line) ? Number(line) : -1;
  if (length < 0 || length > largest) {
    return 'broken';
  }
  const end = from + length;
  if (data.length < end + 2) {
    return undefined;
  }
  return data.slice(end, end + 2) === '\r\n' ? { kind: '$', text: data.slice(from, end), end: end + 2 } : 'broken';
}
