import { expect, it } from 'vitest';
import { algorithmOf } from '../../../src/protocol/algorithms';
import { allAlgorithms } from '../../support/signed-token';

it.each(allAlgorithms)('%s is known, with the hash and kind of key that its name says', (alg) => {
  const { hash, kty } = algorithmOf(alg) ?? expect.fail();
  expect(hash).toBe(`SHA-${alg.slice(2)}`);
  expect(kty).toBe({ RS: 'RSA', PS: 'RSA', ES: 'EC', HS: 'oct' }[alg.slice(0, 2)]);
});

it.each(['EdDSA', 'Ed25519'])('%s is known, with its own hash and curve', (alg) => {
  expect(algorithmOf(alg)).toMatchObject({ kty: 'OKP', crv: 'Ed25519', hash: 'SHA-512', signatureBytes: 64 });
});

it.each(['none', '', 'constructor', '__proto__', 'toString', 'rs256', 'RS1', 'RSA-OAEP', 'Ed448', 'eddsa'])(
  '%j is not known',
  (alg) => {
    expect(algorithmOf(alg)).toBeUndefined();
  },
);
