import { randomToken } from '../protocol/random';
import type { Store } from '../store/store';
import { pack, unpack } from './pack';
import type { TokenRecord } from './record';
import { open, type Seal, seal } from './seal';

// The tokens of a session in the store: packed, sealed, and cut into pieces under a name that only the session's
// record tells. A renewal writes a new set before the record names it, so that whoever reads meanwhile finds either.

/** Values up to this size (bytes) share a page of an NGINX zone, in powers of two; larger ones take pages of their own. */
const largestPiece = 2048;
const smallestPiece = 128;
/** What an entry takes besides its value (bytes), under a key of at most 16 characters. */
const entryBytes = 128;

/**
 * Writes the tokens for `ttl` seconds.
 * @param context what the seal is bound to: the session's key
 * @returns the set's name, for the session's record
 * @throws store_failed; then nothing of the set is left behind
 */
export async function writeTokenSet(
  store: Store,
  by: Seal,
  context: string,
  tokens: TokenRecord,
  ttl: number,
): Promise<string> {
  const { idToken, accessToken, refreshToken, nonce } = tokens;
  const pieces = cut(await seal(by, context, pack([idToken, accessToken, refreshToken].concat(nonce || []))));
  const set = `${randomToken(11)}.${pieces.length}`;
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
export async function readTokenSet(
  store: Store,
  by: Seal,
  context: string,
  set: string,
): Promise<TokenRecord | undefined> {
  const sealed = entriesOf(set).map((entry) => store.get(entry) || '');
  const packed = await open(by, context, sealed.join(''));
  if (packed === undefined) {
    return undefined;
  }
  const [idToken, accessToken, refreshToken, nonce] = unpack(packed) as [string, string, string, string?];
  return { idToken, accessToken, refreshToken, nonce: nonce || '' };
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

/** A set is named `NAME.PIECES`; the name '' is that of no set. */
function entriesOf(set: string): string[] {
  const entries: string[] = [];
  for (let index = 0; index < Number(set.split('.')[1] || 0); index++) {
    entries.push(pieceEntry(set, index));
  }
  return entries;
}

function pieceEntry(set: string, index: number): string {
  return `${set.split('.')[0]}${index.toString(36)}`;
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
