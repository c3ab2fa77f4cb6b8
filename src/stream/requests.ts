// A request to the adapter, as NGINX writes it for /_oidc_store: a GET without a body, its first header the question, the
// others the account, always in the same words.

import { largest } from '../store/store-commands';

/** Whose data it is about, and who says so to the store. */
export interface Account {
  readonly user: string;
  readonly password: string;
  readonly database: string;
  readonly prefix: string;
}

const start = 'GET / HTTP/1.1\r\nStore-Request: ';
const longest = largest + 8192;
const names: Record<string, keyof Account> = {
  'Store-User': 'user',
  'Store-Password': 'password',
  'Store-Database': 'database',
  'Store-Prefix': 'prefix',
};

/** A request in two parts: what is asked, and the lines that say for whom. */
export interface Request {
  readonly question: string;
  readonly head: string;
}

/** Undefined while it is not there in full; 'broken' where it never can be one. */
export function takeRequest(data: string): Request | 'broken' | undefined {
  if (data.length > longest) {
    return 'broken';
  }
  if (data.slice(-4) !== '\r\n\r\n') {
    return data.indexOf('\r\n\r\n') >= 0 ? 'broken' : undefined;
  }
  const end = data.indexOf('\r\n', start.length);
  if (data.indexOf(start) !== 0 || Buffer.byteLength(data) !== data.length) {
    return 'broken';
  }
  return { question: data.slice(start.length, end), head: data.slice(end) };
}

/** Reads the lines behind the question. Undefined: they are not NGINX's. */
export function parseAccount(head: string): Account | undefined {
  const account = { user: '', password: '', database: '0', prefix: '' };
  const lines = head.slice(2, -4).split('\r\n');
  for (let at = 0; at < lines.length; at++) {
    const match = /^([A-Za-z-]+): ([\x20-\x7e]*)$/.exec(lines[at] as string);
    if (!match || /^(?:content-length|transfer-encoding|store-request)$/i.test(match[1] as string)) {
      return undefined;
    }
    const field = Object.prototype.hasOwnProperty.call(names, match[1] as string) && names[match[1] as string];
    if (field) {
      account[field] = match[2] as string;
    }
  }
  return /^\d{1,5}$/.test(account.database) && account.prefix !== '' ? account : undefined;
}

export function sameAccount(one: Account, other: Account): boolean {
  return (
    one.user === other.user &&
    one.password === other.password &&
    one.database === other.database &&
    one.prefix === other.prefix
  );
}
