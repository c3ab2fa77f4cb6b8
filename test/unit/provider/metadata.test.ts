import { beforeEach, describe, expect, it } from 'vitest';
import { providerMetadata } from '../../../src/provider/metadata';
import { verifyIdToken } from '../../../src/provider/verify-id-token';
import { createContext } from '../../../src/visit/context';
import { fakeZones, removeZonesAfterwards, siteVariables } from '../../support/fake-ngx';
import { type FakeAnswer, fakeRequest } from '../../support/fake-request';
import { signerOf } from '../../support/signed-token';

removeZonesAfterwards();
const issuer = 'https://idp.test';
const discovery = {
  issuer,
  authorization_endpoint: `${issuer}/authorize`,
  token_endpoint: `${issuer}/token`,
  jwks_uri: `${issuer}/jwks`,
};

/** What the provider publishes; a test changes it. */
const published: { metadata: object; keys: object[] } = { metadata: discovery, keys: [] };
beforeEach(async () => {
  published.metadata = discovery;
  published.keys = [(await signerOf('RS256')).jwk];
});

function started(changes: Record<string, string> = {}) {
  fakeZones();
  const answer = (url: string): FakeAnswer =>
    url.endsWith('/jwks')
      ? { text: JSON.stringify({ keys: published.keys }) }
      : { text: JSON.stringify(published.metadata) };
  const r = fakeRequest({ ...siteVariables, ...changes }, answer);
  const context = createContext(r);
  const now = Math.floor(Date.now() / 1000);
  const claims = { iss: issuer, sub: 'alice', aud: 'client', exp: now + 300, iat: now, nonce: 'N' };
  const calls = (location: string) => r.subrequests.filter((call) => call.location === location).length;
  const verify = async (token: string) =>
    verifyIdToken(context, await providerMetadata(context), token, { nonce: 'N' });
  return { context, claims, calls, verify, now };
}

describe('an ID token', () => {
  it('holds by a key that the provider publishes', async () => {
    const { claims, verify } = started();
    expect(await verify(await (await signerOf('RS256')).sign(claims))).toMatchObject({ sub: 'alice' });
  });

  it('is never accepted with the configured skew exceeded', async () => {
    const { claims, verify, now } = started();
    const late = await (await signerOf('RS256')).sign({ ...claims, exp: now - 60 });
    await expect(verify(late)).rejects.toMatchObject({ code: 'id_token_invalid' });
  });

  it('by a key that is newer than the cache makes the keys be fetched again', async () => {
    const { claims, calls, verify } = started();
    await verify(await (await signerOf('RS256')).sign(claims));
    const newer = await signerOf('RS256', 2);
    published.keys = [newer.jwk];
    expect(await verify(await newer.sign(claims))).toMatchObject({ sub: 'alice' });
    expect(calls('/_jwks_uri')).toBe(2);
  });

  it('by each of several keys that came one after the other holds at once', async () => {
    const { claims, calls, verify } = started();
    await verify(await (await signerOf('RS256')).sign(claims));
    for (const alg of ['RS256', 'PS256', 'ES256']) {
      const signer = await signerOf(alg, 9);
      published.keys = published.keys.concat(signer.jwk);
      expect(await verify(await signer.sign(claims))).toMatchObject({ sub: 'alice' });
    }
    expect(calls('/_jwks_uri')).toBe(4);
  });

  it.each([
    ['the same kid', 'RS256-1'],
    ['no kid', undefined],
  ])('by a key that was changed under %s makes the keys be fetched again', async (_name, kid) => {
    published.keys = published.keys.map((key) => ({ ...key, kid }));
    const { claims, calls, verify } = started();
    await verify(await (await signerOf('RS256')).sign(claims, { kid }));
    const newer = await signerOf('RS256', 2);
    published.keys = [{ ...newer.jwk, kid }];
    expect(await verify(await newer.sign(claims, { kid }))).toMatchObject({ sub: 'alice' });
    expect(calls('/_jwks_uri')).toBe(2);
  });

  it('by keys that do not exist cannot make the provider be called over and over, and the log says when it can', async () => {
    const { claims, calls, verify } = started();
    for (let n = 3; n < 9; n++) {
      const token = await (await signerOf('ES256', n)).sign(claims);
      const again =
        n < 7 ? /provider's 1 keys$/ : /1 keys; the keys were fetched a moment ago, and can be again in \d+ s$/;
      await expect(verify(token)).rejects.toMatchObject({ code: 'unknown_key', detail: expect.stringMatching(again) });
    }
    expect(calls('/_jwks_uri')).toBe(4);
    expect(calls('/_discovery')).toBe(1);
  });

  it('of a wrong signature cannot make the provider be called over and over, either', async () => {
    const { claims, calls, verify } = started();
    for (let n = 2; n < 9; n++) {
      const forged = await (await signerOf('RS256', 2)).sign(claims, { kid: 'RS256-1' });
      await expect(verify(forged)).rejects.toMatchObject({ code: 'id_token_signature' });
    }
    expect(calls('/_jwks_uri')).toBe(4);
  });

  it('for which the keys were just fetched does not make them be fetched again', async () => {
    const { claims, calls, verify } = started();
    const forged = await (await signerOf('RS256', 2)).sign(claims, { kid: 'RS256-1' });
    await expect(verify(forged)).rejects.toMatchObject({ code: 'id_token_signature' });
    expect(calls('/_jwks_uri')).toBe(1);
  });

  it('that fails otherwise does not make the keys be fetched again', async () => {
    const { claims, calls, verify } = started();
    const other = await (await signerOf('RS256')).sign({ ...claims, aud: 'other' });
    await expect(verify(other)).rejects.toMatchObject({ code: 'id_token_invalid' });
    expect(calls('/_jwks_uri')).toBe(1);
  });
});

describe('a symmetric signature', () => {
  const bySecret = async (claims: object, secret: string) => {
    const { CompactSign } = await import('jose');
    return new CompactSign(Buffer.from(JSON.stringify(claims)))
      .setProtectedHeader({ alg: 'HS256' })
      .sign(Buffer.from(secret));
  };

  it('holds by the client secret where the operator allows it, and not otherwise', async () => {
    const allowing = started({ oidc_id_token_algs: 'HS256' });
    const token = await bySecret(allowing.claims, siteVariables.oidc_client_secret);
    expect(await allowing.verify(token)).toMatchObject({ sub: 'alice' });
    const other = await bySecret(allowing.claims, 'another-secret-of-more-than-32-characters');
    await expect(allowing.verify(other)).rejects.toMatchObject({ code: 'id_token_signature' });
    expect(allowing.calls('/_jwks_uri')).toBe(1);
    await expect(started().verify(token)).rejects.toMatchObject({ code: 'id_token_algorithm' });
  });

  it('never holds by a secret that the provider publishes', async () => {
    const secret = 'a-secret-that-everybody-can-read-in-the-jwks';
    published.keys = [{ kty: 'oct', k: Buffer.from(secret).toString('base64url') }];
    const { claims, verify } = started({ oidc_id_token_algs: 'HS256 RS256' });
    await expect(verify(await bySecret(claims, secret))).rejects.toMatchObject({ code: 'id_token_signature' });
  });
});

describe('the provider', () => {
  it('is what discovery says, and what the operator set over it', async () => {
    const { context } = started({ oidc_token_endpoint: 'https://idp.test/other' });
    expect(await providerMetadata(context)).toEqual({ ...discovery, token_endpoint: 'https://idp.test/other' });
  });

  it('is not asked where everything is set by hand', async () => {
    const byHand = {
      oidc_authz_endpoint: 'https://idp.test/a',
      oidc_token_endpoint: 'https://idp.test/t',
      oidc_jwt_keyfile: 'https://idp.test/.well-known/jwks.json',
    };
    const { context, calls } = started({ ...byHand, oidc_issuer: '' });
    expect(await providerMetadata(context)).toMatchObject({
      issuer: 'https://idp.test',
      token_endpoint: 'https://idp.test/t',
    });
    expect(calls('/_discovery')).toBe(0);
  });

  it('of another name is refused', async () => {
    published.metadata = { ...discovery, issuer: 'https://evil.test' };
    await expect(providerMetadata(started().context)).rejects.toMatchObject({ code: 'discovery_invalid' });
  });
});
