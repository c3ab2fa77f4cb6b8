const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** For element content and quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] as string);
}

/** A text from outside for a log line or a page: one line of printable ASCII, at most `most` characters. */
export function printable(text: string, most: number): string {
  const line = text.slice(0, most).replace(/[^\x20-\x7e]/g, '?');
  return text.length > most ? `${line}...` : line;
}
