/** A form of a page, as a browser would submit it. */
export interface HtmlForm {
  /** as written; '' is the page itself */
  action: string;
  method: 'GET' | 'POST';
  fields: { name: string; type: string; value: string }[];
}

/** The forms of a page, without a DOM: good for the simple pages of providers. */
export function formsOf(html: string): HtmlForm[] {
  return [...html.matchAll(/<form\b([^>]*)>(.*?)<\/form>/gis)].map(([, attributes = '', content = '']) => ({
    action: attribute(attributes, 'action') ?? '',
    method: /^post$/i.test(attribute(attributes, 'method') ?? '') ? 'POST' : 'GET',
    fields: [...content.matchAll(/<input\b((?:"[^"]*"|'[^']*'|[^'">])*)>/gi)].map(([, input = '']) => ({
      name: attribute(input, 'name') ?? '',
      type: (attribute(input, 'type') ?? 'text').toLowerCase(),
      value: attribute(input, 'value') ?? '',
    })),
  }));
}

/** The first form that asks for a password. */
export function loginFormOf(html: string): HtmlForm | undefined {
  return formsOf(html).find((form) => form.fields.some(({ type }) => type === 'password'));
}

function attribute(tag: string, name: string): string | undefined {
  const found = new RegExp(`(?:^|\\s)${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)'|([^\\s"'>]+))`, 'i').exec(tag);
  return found ? decoded(found[1] ?? found[2] ?? found[3] ?? '') : undefined;
}

const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function decoded(text: string): string {
  return text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|([a-z]+));/gi, (whole, hex, decimal, name) => {
    if (name) return entities[name] ?? whole;
    return String.fromCodePoint(hex ? Number.parseInt(hex, 16) : Number(decimal));
  });
}
