import { exportJWK, generateKeyPair } from 'jose';
import { describe, expect, it } from 'vitest';
import { proofErrorOf, verifyDpopProof } from '../../../src/protocol/dpop-proof';
import { dpopClient } from '../../support/dpop-client';
import { compactToken, signingKey } from '../../support/misbehaving-provider';

const now = Math.floor(Date.now() / 1000);
const of = { url: 'https://app.test/api', token: 'the-token' };
const expected = { method: 'GET', url: 'https://app.test/api?q=1', accessToken: 'the-token', now, clockSkew: 10 };
const client = await dpopClient();
const verify = (proof: string, more = {}) =>
  verifyDpopProof(proof, { ...expected, ...more }).catch((error) => {
    throw proofErrorOf(error);
  });
const isInvalid = (detail: RegExp) =>
  expect.objectContaining({ code: 'dpop_proof_invalid', detail: expect.stringMatching(detail) });

describe('the proof of a program', () => {
  it.each(['ES256', 'ES512', 'RS256', 'PS384'])('holds when it is signed by %s', async (alg) => {
    const signer = alg === 'ES256' ? client : await dpopClient(alg);
    const { jkt, jti } = await verify(await signer.proof(of, { jti: 'once' }));
    expect([jkt, jti]).toEqual([signer.jkt, 'once']);
  });

  it.each([
    ['https://APP.test:443/api', 'https://app.test/api'],
    ['HTTPS://app.test/api', 'https://app.test:443/api?x'],
    ['https://app.test/%c3%a9', 'https://app.test/%C3%A9'],
    ['http://app.test', 'http://app.test:80/'],
  ])('may name its address as %s', async (htu, url) => {
    await verify(await client.proof({ ...of, url: htu }), { url });
  });

  it.each([
    ['jti', undefined, '"jti"'],
    ['jti', '', '"jti"'],
    ['jti', 'x'.repeat(256), '"jti"'],
    ['jti', 5, '"jti"'],
    ['htm', 'POST', '"htm"'],
    ['htm', 'get', '"htm"'],
    ['htm', undefined, '"htm"'],
    ['htu', 'https://app.test/api/', '"htu"'],
    ['htu', 'https://app.test/API', '"htu"'],
    ['htu', 'http://app.test/api', '"htu"'],
    ['htu', 'https://app.test.evil/api', '"htu"'],
    ['htu', 'https://app.test:8443/api', '"htu"'],
    ['htu', 'https://user@app.test/api', '"htu"'],
    ['htu', 'https://app.test/api?q=1', '"htu"'],
    ['htu', '', '"htu"'],
    ['htu', undefined, '"htu"'],
    ['iat', now - 71, '"iat"'],
    ['iat', now + 11, '"iat"'],
    ['iat', String(now), '"iat"'],
    ['iat', undefined, '"iat"'],
    ['ath', undefined, '"ath"'],
    ['ath', 'fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo', '"ath"'],
  ])('with %s %j is refused', async (claim, value, detail) => {
    await expect(verify(await client.proof(of, { [claim]: value }))).rejects.toEqual(isInvalid(new RegExp(detail)));
  });

  it.each(['jwt', 'JWT', undefined, 'at+jwt', 'application/dpop+jwt'])('of type %s is refused', async (typ) => {
    await expect(verify(await client.proof(of, {}, { typ }))).rejects.toEqual(isInvalid(/"typ"/));
  });

  it('by another key than it names is refused', async () => {
    const other = await dpopClient();
    await expect(verify(await client.proof(of, {}, { jwk: other.jwk }))).rejects.toEqual(isInvalid(/not by key/));
    await expect(verify(await client.proof(of, {}, { jwk: undefined }))).rejects.toEqual(isInvalid(/no public key/));
    const { privateKey } = await generateKeyPair('ES256', { extractable: true });
    const jwk = await exportJWK(privateKey);
    await expect(verify(await client.proof(of, {}, { jwk }))).rejects.toEqual(isInvalid(/no public key/));
  });

  it('by EdDSA is refused, whoever signed it', async () => {
    const proof = await (await dpopClient('EdDSA')).proof(of);
    await expect(verify(proof)).rejects.toEqual(isInvalid(/signed with EdDSA; .* does not list it/));
  });

  it('by a secret, by nothing, or by a weak key is refused', async () => {
    const claims = { jti: 'x', htm: 'GET', htu: of.url, iat: now, ath: 'x' };
    const k = Buffer.from('a secret of sixteen bytes').toString('base64url');
    for (const [header, key] of [
      [{ alg: 'HS256', jwk: { kty: 'oct', k } }, 'a secret of sixteen bytes'],
      [{ alg: 'HS256', jwk: client.jwk }, JSON.stringify(client.jwk)],
      [{ alg: 'none', jwk: client.jwk }, ''],
      [
        { alg: 'RS256', jwk: (await signingKey('RS256', 9, 1024)).publicJwk },
        (await signingKey('RS256', 9, 1024)).privateKey,
      ],
    ] as const) {
      const proof = compactToken({ typ: 'dpop+jwt', ...header }, { ...claims, ath: undefined }, key);
      await expect(verify(proof)).rejects.toMatchObject({ code: 'dpop_proof_invalid' });
    }
  });

  it.each(['', 'a', 'a.b.c', 'e30.e30.e30', 'e30.e30.e30.e30.e30'])('that is none (%j) is refused', async (proof) => {
    await expect(verify(proof)).rejects.toEqual(isInvalid(/./));
  });

  it('needs a nonce of this site where it gives one', async () => {
    const isOurNonce = (nonce: string) => nonce === 'ours';
    await verify(await client.proof(of, { nonce: 'ours' }), { isOurNonce });
    await verify(await client.proof(of, { nonce: 'theirs' }));
    for (const nonce of [undefined, '', 'theirs', ['ours']]) {
      await expect(verify(await client.proof(of, { nonce }), { isOurNonce })).rejects.toMatchObject({
        code: 'dpop_nonce_required',
      });
    }
  });
});
