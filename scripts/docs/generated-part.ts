/** The same text with another part between the lines that mark it. Throws an Error that names what is missing. */
export function withPart(file: string, text: string, name: string, command: string, part: string): string {
  const begin = `<!-- generated: ${name} (${command}) -->`;
  const end = `<!-- end: ${name} -->`;
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from < 0 || to < from) {
    throw new Error(`${file} lacks the lines "${begin}" and "${end}"`);
  }
  return `${text.slice(0, from + begin.length)}\n\n${part}\n\n${text.slice(to)}`;
}
