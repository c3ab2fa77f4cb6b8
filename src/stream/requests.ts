// A request to the adapter, as the proxy module of NGINX writes it for /_oidc_store (openid_connect.store_location).

import { largest } from '../store/store-commands';

/** Whose data it is about, and who says so to the store. */
export interface Account {
  readonly user: string;
  readonly password: string;
  readonly database: string;
  readonly prefix: string;
}

export interface Head {
  readonly account: Account;
  /** Bytes of the body that follows. */
  readonly length: number;
}

const longestHead = 8192;
const names: Record<string, keyof Account> = {
  'store-user': 'user',
  'store-password': 'password',
  'store-database': 'database',
  'store-prefix': 'prefix',
};

/** Where the head ends; undefined while it is not there in full, 'broken' when it is too long. */
export function headEnd(data: string): number | 'broken' | undefined {
  const end = data.indexOf('\r\n\r\n');
  return end >= 0 ? end : data.length > longestHead ? 'broken' : undefined;
}

/** Reads a head: a POST of / with one length and no other framing. Undefined: it is something else. */
export function parseHead(head: string): Head | undefined {
  const lines = head.split('\r\n');
  if (lines[0] !== 'POST / HTTP/1.1') {
    return undefined;
  }
  const account = { user: '', password: '', database: '0', prefix: '' };
  let length = -1;
  for (let at = 1; at < lines.length; at++) {
    const match = /^([A-Za-z-]+): (.*)$/.exec(lines[at] as string);
    const name = match && (match[1] as string).toLowerCase();
    const value = match ? (match[2] as string) : '';
    if (!name || name === 'transfer-encoding' || (name === 'content-length' && length >= 0)) {
      return undefined;
    }
    const field = names[name];
    if (name === 'content-length') {
      length = /^\d{1,7}$/.test(value) ? Number(value) : -1;
    } else if (field) {
      account[field] = value;
    }
  }
  const known = /^\d{1,5}$/.test(account.database) && account.prefix !== '';
  return known && length > 0 && length <= largest ? { account, length } : undefined;
}
