import { type BearerType, decodeAccessToken } from '../../src/protocol/access-token';
import { verifyDpopProof } from '../../src/protocol/dpop-proof';
import { decryptJwe, isJwe } from '../../src/protocol/jwe';
import { parseJwks } from '../../src/protocol/jwks';
import { decodeJws, verifyJws } from '../../src/protocol/jws';
import { parsePrivateKeys } from '../../src/protocol/private-key';
import { loginCookieName, openLogin, sealLogin, superfluousLogins } from '../../src/session/login';
import { dpopClient } from '../support/dpop-client';
import { encryptedTo, recipient } from '../support/encrypted-token';
import { type Signer, signerOf } from '../support/signed-token';
import { document } from './documents';
import { fuzz, invariant } from './fuzz';
import type { Random } from './random';
import { corpus, mutate, text } from './texts';

const algorithms = ['RS256', 'PS256', 'ES256', 'ES384', 'HS256'];
const signers = await Promise.all(algorithms.map((alg) => signerOf(alg)));
const claims = corpus('token-claims');
const headers = corpus('token-headers');
const genuine = await Promise.all(
  signers.map((signer: Signer) => signer.sign({ iss: 'https://idp.test', sub: 'alice' })),
);
const keys = parseJwks(JSON.stringify({ keys: signers.map(({ jwk }) => jwk) }));
const encode = (part: string) => Buffer.from(part).toString('base64url');

/** A token that nobody signed: pieces of genuine ones with other pieces in between, or a text that is none. */
function forgedToken(random: Random): string {
  const parts = random.pick(genuine).split('.');
  const kind = random.below(5);
  if (kind === 0) return text(random, genuine);
  if (kind === 1) parts[0] = encode(document(random, headers));
  else if (kind === 2) parts[1] = encode(document(random, claims));
  else if (kind === 3) parts[2] = random.pick(genuine).split('.')[2] ?? '';
  else parts[random.below(3)] = mutate(random, random.pick(parts), genuine);
  return parts.join('.');
}

fuzz('JWT', forgedToken, async (token) => {
  const verified = await verifyJws(decodeJws(token), keys, { algorithms });
  invariant('what verifies was signed', genuine.includes(token));
  invariant('what verifies says what was signed', verified.payload.sub === 'alice');
});

const now = Math.floor(Date.now() / 1000);
const api = { issuer: 'https://idp.test', audiences: ['api'], now, clockSkew: 30 };
const accessTokens = await Promise.all(
  signers.map((signer: Signer) =>
    signer.sign({ iss: api.issuer, aud: 'api', sub: 'alice', exp: now + 3600 }, { typ: 'at+jwt' }),
  ),
);

fuzz(
  'access tokens',
  (random) => {
    const parts = random.pick(accessTokens).split('.');
    const part = random.below(4);
    if (part < 2) parts[part] = encode(document(random, [Buffer.from(parts[part] ?? '', 'base64url').toString()]));
    else if (part === 2) parts[random.below(3)] = mutate(random, random.pick(parts), accessTokens);
    return { token: parts.join('.'), type: random.pick<BearerType>(['at+jwt', 'jwt']) };
  },
  async ({ token, type }) => {
    const jws = decodeAccessToken(token, type, ['RS256', 'PS256', 'ES256', 'ES384'], api);
    const { iss, aud, sub, exp, nonce } = jws.payload;
    invariant('no secret signs it', !jws.header.alg.startsWith('HS'));
    invariant('it is of this provider, for this API', iss === api.issuer && [aud].flat().includes('api'));
    invariant('it is of somebody', typeof sub === 'string' && sub !== '');
    invariant('it ends, and has not', typeof exp === 'number' && exp > now - 30 && nonce === undefined);
    await verifyJws(jws, keys, { algorithms });
    invariant('what verifies was signed', accessTokens.includes(token));
  },
);

const keySets = signers
  .map(({ jwk }) => JSON.stringify({ keys: [{ ...jwk, use: 'sig', alg: undefined }, jwk] }))
  .concat(JSON.stringify({ keys: signers.map(({ jwk }) => jwk) }));
const es256 = decodeJws(genuine[2] ?? '');
let sets = 0;
fuzz(
  'JWK sets',
  (random) => document(random, keySets),
  async (json) => {
    const found = parseJwks(json);
    invariant('there are not too many', found.length <= 100);
    for (const key of found) {
      const members = [key.n, key.e, key.x, key.y, key.k, key.crv, key.alg, key.kid];
      invariant(
        'every member is a text',
        members.every((one) => one === undefined || typeof one === 'string'),
      );
      invariant('RSA has 2048 bits', key.kty !== 'RSA' || Buffer.from(key.n ?? '', 'base64url').length >= 256);
    }
    // Importing is slow: every tenth set also meets a token.
    if (sets++ % 10 > 0 || found.length === 0) return;
    await verifyJws(es256, found, { algorithms });
    const bytes = (coordinate = '') => Buffer.from(coordinate, 'base64url').toString('hex');
    const published = found.some(({ x }) => bytes(x) === bytes(signers[2]?.jwk.x));
    invariant('only the right key verifies', published);
  },
);

const login = { nonce: 'n', verifier: 'v', path: '/x', redirectUri: 'https://app.test/_codexch', began: 1_800_000_000 };
const state = 'S'.repeat(43);
const realm = 'client\nhttps://idp.test';
const hmacKey = 'a-key-for-tests-only-0123456789abcdef';
const sealed = await Promise.all([1, 2, 3].map(() => sealLogin(login, state, realm, hmacKey)));
const bodies = sealed.map((value) => value.slice(value.indexOf('.') + 1));

fuzz(
  'login cookie',
  (random) => ({
    value: text(random, sealed),
    state: random.chance(0.8) ? state : text(random, [state]),
    realm: random.chance(0.9) ? realm : 'other\nhttps://idp.test',
  }),
  async (input) => {
    const found = await openLogin(input.value, input.state, input.realm, hmacKey, 3600, 1_800_000_100);
    if (found) {
      invariant('what opens was sealed', bodies.includes(input.value.slice(input.value.indexOf('.') + 1)));
      invariant('it opens for its state and realm only', input.state === state && input.realm === realm);
      invariant('it says what was sealed', JSON.stringify(found) === JSON.stringify(login));
    }
    superfluousLogins([{ name: loginCookieName(input.state), value: input.value }]);
  },
);

const sealedTokens = await Promise.all(
  [
    ['RSA-OAEP', 'A256GCM'],
    ['RSA-OAEP-256', 'A128CBC-HS256'],
    ['ECDH-ES', 'A128GCM'],
  ].map(async ([alg = '', enc = '']) => encryptedTo(await recipient(alg), genuine[0] ?? '', alg, enc)),
);
const decryptionKeys = (await Promise.all(['RSA-OAEP', 'ECDH-ES'].map((alg) => recipient(alg)))).flatMap(
  ({ privateJwk }) => parsePrivateKeys(JSON.stringify(privateJwk)),
);
const jweHeaders = corpus('jwe-headers');
fuzz(
  'JWE',
  (random) => {
    const parts = random.pick(sealedTokens).split('.');
    const kind = random.below(4);
    if (kind === 0) return text(random, sealedTokens);
    if (kind === 1) parts[0] = encode(document(random, jweHeaders));
    else if (kind === 2) parts[random.below(5)] = random.pick(sealedTokens).split('.')[random.below(5)] ?? '';
    else parts[random.below(5)] = mutate(random, random.pick(parts), sealedTokens);
    return parts.join('.');
  },
  async (token) => {
    const inside = await decryptJwe(token, decryptionKeys, 'ID token');
    invariant('what opens was sealed', sealedTokens.includes(token) && inside === genuine[0]);
    invariant('what opens looks encrypted', isJwe(token));
  },
);

const program = await dpopClient();
const stranger = await dpopClient();
const resource = { url: 'https://app.test/api', token: 'the-token' };
const proofs = [await program.proof(resource), await stranger.proof(resource)];
const proofHeaders = corpus('proof-headers');
fuzz(
  'DPoP proof',
  (random) => {
    const parts = random.pick(proofs).split('.');
    const kind = random.below(4);
    if (kind === 0) return text(random, proofs);
    if (kind === 1) parts[0] = encode(document(random, proofHeaders));
    else if (kind === 2) parts[random.below(3)] = random.pick(proofs).split('.')[random.below(3)] ?? '';
    else parts[random.below(3)] = mutate(random, random.pick(parts), proofs);
    return parts.join('.');
  },
  async (proof) => {
    const at = Math.floor(Date.now() / 1000);
    const expected = { method: 'GET', url: resource.url, accessToken: resource.token, now: at, clockSkew: 3600 };
    const { jkt } = await verifyDpopProof(proof, expected);
    invariant('what holds was signed', proofs.includes(proof));
    invariant('it is of the key that signed it', jkt === (proof === proofs[0] ? program : stranger).jkt);
  },
);
