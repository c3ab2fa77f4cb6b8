import type { Config } from '../config/settings';
import { algorithmOf } from '../protocol/algorithms';
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
    const fits = (key: Jwk) => key.kty === algorithm?.kty && (!key.alg || key.alg === name);
    return (name.startsWith('HS') && client_secret !== '') || keys.some(fits);
  });
  const about = 'keys';
  if (usable.length === 0) {
    const said = keys.length === 0 ? 'no key that can be used' : printable(list.join(', '), 300);
    return [
      finding(
        'problem',
        about,
        `${from}: ${said}`,
        'none fits $oidc_id_token_algs: is this the key set of this provider?',
      ),
    ];
  }
  return [
    finding('ok', about, `${from}: ${printable(list.join(', '), 600) || 'the client secret'}`),
    finding('ok', 'algorithms', usable.join(' ')),
  ];
}
