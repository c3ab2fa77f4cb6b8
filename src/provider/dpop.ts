import type { ProviderMetadata } from '../protocol/discovery';
import { createDpopKey, type DpopKey, dpopProof } from '../protocol/dpop';
import { oidcError } from '../protocol/errors';
import { printable } from '../protocol/text';
import type { Store } from '../store/store';
import type { ProviderAnswer } from './call';
import type { ProviderContext } from './context';

/** A nonce that nobody renewed is forgotten after (s); the server says when one is too old. */
const keepFor = 3600;
const wellFormed = /^[\x21\x23-\x5b\x5d-\x7e]{1,1000}$/;

/** A key for the tokens of a new session. Throws config_invalid where the provider says that it does not take such keys. */
export async function newDpopKey({ dpop_signing_alg_values_supported: taken }: ProviderMetadata): Promise<DpopKey> {
  if (taken && taken.indexOf('ES256') < 0) {
    throw oidcError(
      'config_invalid',
      `$oidc_dpop is on, and the provider takes proofs signed with ${printable(taken.join(', '), 200)} only, not with ES256`,
    );
  }
  return createDpopKey();
}

/**
 * A call with a proof of the key, made again once where the server wants its nonce in it (RFC 9449 section 8).
 * @param key '' for a call without
 * @param call must be able to go out twice
 */
export async function withProof(
  { cache }: ProviderContext,
  key: DpopKey,
  to: { method: string; url: string; accessToken?: string },
  call: (proof: string) => Promise<ProviderAnswer>,
): Promise<ProviderAnswer> {
  if (key === '') {
    return call('');
  }
  for (let tries = 2; ; tries--) {
    const nonce = nonceFor(cache, to.url);
    const now = Math.floor(Date.now() / 1000);
    const answer = await call(await dpopProof(key, Object.assign({ nonce, now }, to)));
    rememberNonce(cache, to.url, answer.dpopNonce);
    const isAsked = /^40[01]$/.test(String(answer.status)) && /use_dpop_nonce/.test(answer.challenge + answer.text);
    if (!isAsked || tries === 1 || nonceFor(cache, to.url) === nonce) {
      return answer;
    }
  }
}

/** What the server of a URL gave last. */
export function nonceFor(cache: Store, url: string): string | undefined {
  return cache.get(entryOf(url));
}

/** @param nonce its DPoP-Nonce header, '' where it gave none */
export function rememberNonce(cache: Store, url: string, nonce: string): void {
  if (wellFormed.test(nonce) && nonce !== nonceFor(cache, url)) {
    cache.set(entryOf(url), nonce, keepFor);
  }
}

const entryOf = (url: string) => `dpop-nonce:${url.split('/').slice(0, 3).join('/')}`;
