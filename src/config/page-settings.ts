// How the pages look that people see. Apart from the other settings because a mistake here must not keep anybody from
// signing in: what cannot be used is left out, and named in error.log. The key is the variable's name without `$oidc_`.

import type { Setting } from './settings';

/** A line that tells people whom to ask. */
export interface Contact {
  readonly text: string;
  /** '' for none */
  readonly href: string;
}

const longest = 200;
const path = /^\/(?![/\\])[\w./~%!$()*+,;=:@?&-]*$/;
const dataPicture = /^data:image\/(?:png|jpeg|gif|webp|svg\+xml);base64,[A-Za-z0-9+/]+={0,2}$/;
const link =
  /^(?:https:\/\/[\w.-]+(?::\d+)?(?:[/?#][\w./~%!$()*+,;=:@?&#-]*)?|mailto:[\w.+%-]+@[\w.-]+(?:\?[\w.%&=+-]*)?)$/;
const tag = /^[a-z]{2,8}(?:-[A-Za-z0-9]{2,8}){0,3}$/;

function fail(message: string): never {
  throw new Error(message);
}

function matching(what: string, ...patterns: RegExp[]): Setting<string> {
  return {
    default: '',
    parse: (value) => (value === '' || patterns.some((pattern) => pattern.test(value)) ? value : fail(what)),
  };
}

function line(): Setting<string> {
  return {
    default: '',
    parse: (value) =>
      value.length <= longest && !/[\x00-\x1f\x7f]/.test(value)
        ? value
        : fail(`must be one line of up to ${longest} characters`),
  };
}

/** `Help desk, room 12 <mailto:help@example.com>`, or only one of the two. */
function contact(): Setting<Contact> {
  const { parse } = line();
  return {
    default: '',
    parse: (value) => {
      const [, text = '', href] = /^([^<>]*)(?:<([^<>]*)>)?$/.exec(parse(value)) || [];
      if (value !== '' && (href === undefined ? text.trim() === '' : !link.test(href) && !path.test(href))) {
        fail('must be text, or an address (mailto:, https: or a path), or both: Help desk <mailto:help@example.com>');
      }
      return { text: text.trim() || (href || '').replace(/^(?:mailto:|https:\/\/)/, ''), href: href || '' };
    },
  };
}

/** The first is for browsers that want none of them. */
function languages(): Setting<string[]> {
  const split = (value: string) => value.split(' ').filter((word) => word !== '');
  return {
    default: 'en de fr es ja pt zh-Hans',
    parse: (value) =>
      split(value).length > 0 && split(value).every((word) => tag.test(word))
        ? split(value)
        : fail('must be language tags separated by spaces, such as "en de pt-BR"'),
  };
}

export const pageSettings = {
  page_name: line(),
  page_logo: matching(
    'must be a path of this site, or a data URL: /logo.svg, data:image/png;base64,...',
    path,
    dataPicture,
  ),
  page_color: matching('must be a colour such as #0a5fb4', /^#(?:[0-9a-f]{3}|[0-9a-f]{6})$/i),
  page_style: matching('must be the path of a style sheet of this site: /sign-in.css', path),
  page_contact: contact(),
  page_languages: languages(),
  page_texts: matching('must be the path of a folder', /^[^\x00-\x1f\x7f]+$/),
};

export type PageSettingName = keyof typeof pageSettings;
export type PageSettings = { readonly [K in PageSettingName]: ReturnType<(typeof pageSettings)[K]['parse']> };

/**
 * Reads them all.
 * @param variable the value of an nginx variable, undefined when nginx does not know it
 * @param complain is told of a value that cannot be used; the default takes its place
 */
export function readPageSettings(
  variable: (name: string) => string | undefined,
  complain: (problem: string) => void,
): PageSettings {
  const read: Record<string, unknown> = {};
  for (const name of Object.keys(pageSettings) as PageSettingName[]) {
    const { parse, default: fallback } = pageSettings[name] as Setting<unknown>;
    try {
      read[name] = parse(variable(`oidc_${name}`) || fallback);
    } catch (error) {
      complain(`$oidc_${name} ${(error as Error).message}`);
      read[name] = parse(fallback);
    }
  }
  return read as PageSettings;
}
