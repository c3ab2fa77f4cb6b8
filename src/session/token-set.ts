import { randomToken } from '../protocol/random';
import type { Store } from '../store/store';
import { decrypt, encrypt } from './aes-gcm';
import { pack, unpack } from './pack';
import type { TokenRecord } from './record';

// The tokens of a session in the store: packed, sealed in parts, so that the gate opens only the one that a location
// wants, and all together cut into pieces under a name that only the session's record tells. A renewal writes a new set before the
// record names it, so that whoever reads meanwhile finds either.

/** In the order of the pieces. */
export const tokenParts = ['access', 'id', 'rest'] as const;
export type TokenPart = (typeof tokenParts)[number];

/** Opens and seals the parts of one session's tokens. */
export interface TokenSeal {
  /** 256 bits. */
  key(part: TokenPart): Uint8Array;
  /** What the seal is bound to: the session's key. */
  readonly context: string;
}

/** Values up to this size (bytes) share a page of an NGINX zone, in powers of two; larger ones take pages of their own. */
const largestPiece = 2048;
const smallestPiece = 128;
/** What an entry takes besides its value (bytes), under a key of at most 16 characters. */
const entryBytes = 128;

/**
 * Writes the tokens for `ttl` seconds.
 * @returns the set's name, for the session's record
 * @throws store_failed; then nothing of the set is left behind
 */
export async function writeTokenSet(store: Store, seal: TokenSeal, tokens: TokenRecord, ttl: number): Promise<string> {
  const { idToken, besideIdToken, accessToken, refreshToken, nonce, dpopKey } = tokens;
  const texts: Record<TokenPart, string[]> = {
    access: [accessToken],
    id: besideIdToken === '' ? [idToken] : [idToken, besideIdToken],
    rest: [refreshToken, nonce].concat(dpopKey || []),
  };
  let sealed = '';
  const ends: number[] = [];
  for (const part of tokenParts) {
    sealed += await encrypt(seal.key(part), `${part}\n${seal.context}`, pack(texts[part]));
    ends.push(sealed.length);
  }
  const pieces = cut(sealed);
  const set = [randomToken(11), pieces.length].concat(ends as unknown as string[]).join('.');
  try {
    pieces.forEach((piece, index) => {
      store.set(pieceEntry(set, index), piece, ttl);
    });
  } catch (error) {
    deleteTokenSet(store, set);
    throw error;
  }
  return set;
}

/** The tokens, or undefined when the set is not there as a whole or was sealed for another session. */
export async function readTokenSet(store: Store, seal: TokenSeal, set: string): Promise<TokenRecord | undefined> {
  const read = (part: TokenPart) => readTokenPart(store, seal, set, part);
  const access = await read('access');
  const id = await read('id');
  const rest = await read('rest');
  if (!access || !id || !rest) {
    return undefined;
  }
  const [refreshToken, nonce, dpopKey] = rest as [string, string, string?];
  const bound = dpopKey === undefined ? {} : { dpopKey };
  return {
    idToken: id[0] as string,
    besideIdToken: id[1] || '',
    accessToken: access[0] as string,
    refreshToken,
    nonce,
    ...bound,
  };
}

/** The texts of one part, or undefined as for the whole. */
export function readTokenPart(
  store: Pick<Store, 'get'>,
  seal: TokenSeal,
  set: string,
  part: TokenPart,
): Promise<string[] | undefined> {
  const fields = set.split('.');
  const which = tokenParts.indexOf(part);
  const begin = which === 0 ? 0 : Number(fields[which + 1]);
  const end = Number(fields[which + 2]);
  let sealed = '';
  for (let index = 0; index < Number(fields[1]) && sealed.length < end; index++) {
    sealed += store.get(pieceEntry(set, index)) || '';
  }
  const own = sealed.slice(begin, end);
  return decrypt(seal.key(part), `${part}\n${seal.context}`, own).then((packed) => packed && unpack(packed));
}

/** Lets the set live for `ttl` seconds from now. Throws store_failed. */
export function prolongTokenSet(store: Store, set: string, ttl: number): void {
  for (const entry of entriesOf(set)) {
    const piece = store.get(entry);
    if (piece !== undefined) {
      store.set(entry, piece, ttl);
    }
  }
}

export function deleteTokenSet(store: Store, set: string): void {
  for (const entry of entriesOf(set)) {
    store.delete(entry);
  }
}

/**
 * A set is named `NAME.PIECES.END.END.END`: how many pieces it has, and where in all of them together each part ends. The
 * name '' is that of no set.
 */
function entriesOf(set: string): string[] {
  const entries: string[] = [];
  for (let index = 0; index < Number(set.split('.')[1] || 0); index++) {
    entries.push(pieceEntry(set, index));
  }
  return entries;
}

function pieceEntry(set: string, index: number): string {
  return set.slice(0, set.indexOf('.')) + index.toString(36);
}

/** Pieces that leave little of a zone unused: whole ones, then the rest in one or in powers of two, what takes less. */
function cut(text: string): string[] {
  const pieces: string[] = [];
  let at = 0;
  while (at < text.length) {
    const size = nextPiece(text.length - at);
    pieces.push(text.slice(at, at + size));
    at += size;
  }
  return pieces;
}

function nextPiece(rest: number): number {
  if (rest >= largestPiece) {
    return largestPiece;
  }
  const half = room(rest) / 2;
  return half >= smallestPiece && half + entryBytes + room(rest - half) < room(rest) ? half : rest;
}

/** What a value of `length` characters takes (bytes). */
function room(length: number): number {
  let bytes = smallestPiece;
  while (bytes < length) {
    bytes *= 2;
  }
  return bytes;
}
