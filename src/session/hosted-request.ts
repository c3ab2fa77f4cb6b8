import { requestLifetime } from '../protocol/request-object';
import { pack, unpack } from './pack';
import { openBytes, type Seal, sealBytes } from './seal';

/**
 * An authorization request that the provider is to fetch here. It travels in its own address, sealed: the server keeps
 * nothing for people who have not signed in, and every machine with the same `$oidc_hmac_key` can answer.
 */
export interface HostedRequest {
  /** What it has beyond what the configuration says of each request. */
  pairs: [string, string][];
  /** When its login began, seconds since 1970. */
  began: number;
}

const sealOf = (hmacKey: string): Seal => ({ purpose: 'request', secret: hmacKey });

export function sealRequest({ pairs, began }: HostedRequest, realm: string, hmacKey: string): Promise<string> {
  const texts = pairs.reduce((all: string[], pair) => all.concat(pair), [began.toString(36)]);
  return sealBytes(sealOf(hmacKey), realm, pack(texts));
}

/** The request again; undefined if it was not sealed here for this realm, or its request object would have ended. */
export async function openRequest(
  sealed: string,
  realm: string,
  hmacKey: string,
  now: number,
): Promise<HostedRequest | undefined> {
  const packed = await openBytes(sealOf(hmacKey), realm, sealed);
  const texts = packed ? unpack(packed) : [];
  const began = parseInt(texts[0] || '', 36);
  if (!(now < began + requestLifetime)) {
    return undefined;
  }
  const pairs: [string, string][] = [];
  for (let at = 1; at + 1 < texts.length; at += 2) {
    pairs.push([texts[at] as string, texts[at + 1] as string]);
  }
  return { pairs, began };
}
