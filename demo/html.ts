/** Text that is HTML already; everything else is escaped where it is put into a page. */
export interface Html {
  readonly html: string;
}

type Piece = Html | string | number | undefined | false | readonly Piece[];

/** Template tag: `html\`<p>${text}</p>\`` escapes every value that is not made by this tag itself; lists are joined. */
export function html(parts: TemplateStringsArray, ...values: Piece[]): Html {
  return { html: parts.map((part, index) => part + (index < values.length ? markup(values[index]) : '')).join('') };
}

/** Marks text as HTML that comes from a trusted place, unescaped. */
export function trusted(text: string): Html {
  return { html: text };
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function markup(value: Piece): string {
  if (value === undefined || value === false) return '';
  if (typeof value === 'object') return 'html' in value ? value.html : value.map(markup).join('');
  return String(value).replace(/[&<>"']/g, (character) => entities[character] ?? '');
}
