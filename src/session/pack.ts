import { decodeBase64url, encodeBase64url } from '../protocol/base64url';
import { joined } from '../protocol/bytes';

// Tokens are mostly base64url. Decoded they take a quarter less, and what is sealed is encoded once more anyway.

// Each part has a header of 16 bits: three flags, and its length or the upper bits of it; two more bytes if it is long.
const isBinary = 0x8000;
const isLast = 0x4000;
const isLong = 0x2000;
const mostShort = 0x1fff;

/** The texts as bytes: for each part between dots a header and its bytes, decoded where it is base64url. */
export function pack(texts: string[]): Uint8Array {
  const pieces: Uint8Array[] = [];
  for (const text of texts) {
    const parts = text.split('.');
    for (let index = 0; index < parts.length; index++) {
      const part = parts[index] as string;
      const binary = decodeBase64url(part);
      const bytes = binary || Buffer.from(part);
      pieces.push(header((binary ? isBinary : 0) + (index === parts.length - 1 ? isLast : 0), bytes.length), bytes);
    }
  }
  return joined(pieces);
}

function header(flags: number, length: number): Uint8Array {
  const high = length > mostShort ? flags + isLong + (length >> 16) : flags + length;
  const bytes = new Uint8Array(length > mostShort ? 4 : 2);
  bytes[0] = high >> 8;
  bytes[1] = high & 255;
  if (length > mostShort) {
    bytes[2] = (length >> 8) & 255;
    bytes[3] = length & 255;
  }
  return bytes;
}

/** The texts that `pack` was given. */
export function unpack(packed: Uint8Array): string[] {
  const byte = (at: number) => packed[at] as number;
  const texts: string[] = [];
  let parts: string[] = [];
  for (let at = 0; at + 1 < packed.length; ) {
    const head = (byte(at) << 8) + byte(at + 1);
    let length = head & mostShort;
    at += 2;
    if (head & isLong) {
      length = (length << 16) + (byte(at) << 8) + byte(at + 1);
      at += 2;
    }
    const bytes = packed.slice(at, at + length);
    at += length;
    parts.push(head & isBinary ? encodeBase64url(bytes) : Buffer.from(bytes).toString());
    if (head & isLast) {
      texts.push(parts.join('.'));
      parts = [];
    }
  }
  return texts;
}
