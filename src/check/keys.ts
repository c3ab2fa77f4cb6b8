import type { Config } from '../config/settings';
import { algorithmOf } from '../protocol/algorithms';
import { ed25519Verifier, whyNoEd25519 } from '../protocol/ed25519';
import type { Jwk } from '../protocol/jwks';
import { printable } from '../protocol/text';
import { type Finding, finding } from './finding';

/**
 * The provider's keys, and which algorithms they are good for.
 * @param from where they come from, a URL or a file
 */
export function describeKeys(keys: Jwk[], from: string, { id_token_algs, client_secret }: Config): Finding[] {
  const list = keys.map((key) => [key.kid || '(no kid)', key.kty, key.crv, key.alg].filter(Boolean).join(' '));
  const usable = id_token_algs.filter((name) => {
    const algorithm = algorithmOf(name);
    if (algorithm?.crv === 'Ed25519' && !ed25519Verifier()) {
      return false;
    }
    const ofCurve = (key: Jwk) => !algorithm?.crv || key.crv === algorithm.crv;
    const fits = (key: Jwk) => key.kty === algorithm?.kty && ofCurve(key) && (!key.alg || key.alg === name);
    return (name.startsWith('HS') && client_secret !== '') || keys.some(fits);
  });
  const isForEdDsa = keys.some(({ kty }) => kty === 'OKP') && !ed25519Verifier();
  const about = 'keys';
  if (usable.length === 0) {
    const said = keys.length === 0 ? 'no key that can be used' : printable(list.join(', '), 300);
    return [
      finding(
        'problem',
        about,
        `${from}: ${said}`,
        isForEdDsa
          ? `signed with EdDSA, ${whyNoEd25519()}`
          : 'none fits $oidc_id_token_algs: is this the key set of this provider?',
      ),
    ];
  }
  const algorithms = usable.join(' ');
  return [
    finding('ok', about, `${from}: ${printable(list.join(', '), 600) || 'the client secret'}`),
    isForEdDsa
      ? finding('info', 'algorithms', algorithms, `the provider also has a key for EdDSA, ${whyNoEd25519()}`)
      : finding('ok', 'algorithms', algorithms),
  ];
}
