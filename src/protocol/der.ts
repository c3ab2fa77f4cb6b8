/** One element of DER (X.690): tag, content, and what the content is made of. */
export interface Der {
  readonly tag: number;
  readonly content: Uint8Array;
  children(): Der[];
  hex(): string;
}

/** The one element that fills these bytes. Throws an Error. */
export function readDer(bytes: Uint8Array): Der {
  const all = elements(bytes);
  if (all.length !== 1) {
    throw new Error('is not DER');
  }
  return all[0] as Der;
}

function elements(bytes: Uint8Array): Der[] {
  const all: Der[] = [];
  for (let at = 0; at < bytes.length; ) {
    const tag = bytes[at] as number;
    let length = bytes[at + 1] as number;
    at += 2;
    if (length > 0x80 && length < 0x84) {
      const end = at + length - 0x80;
      for (length = 0; at < end; at++) {
        length = length * 256 + (bytes[at] as number);
      }
    }
    if (!(length >= 0 && at + length <= bytes.length)) {
      throw new Error('is not DER');
    }
    all.push(element(tag, bytes.slice(at, at + length)));
    at += length;
  }
  return all;
}

const element = (tag: number, content: Uint8Array): Der => ({
  tag,
  content,
  children: () => elements(content),
  hex: () => Buffer.from(content).toString('hex'),
});
