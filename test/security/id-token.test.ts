import { createPublicKey } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import {
  brokenSignature,
  compactToken,
  resigned,
  signingKey,
  tokenParts,
  unsigned,
} from '../support/misbehaving-provider';
import { onEachTarget } from '../support/nginx';
import { callbackFor, cookieOf, useScene } from './site';

onEachTarget('ID tokens', (nginx) => {
  const scene = useScene(nginx, { changes: { alsoSet: { oidc_clock_skew: '30' } } });

  /** Signs in and fails: 403, logged as `code`, no session cookie, nothing in the store. */
  async function isRefused(what: string, code: RegExp): Promise<void> {
    const browser = scene.browser();
    const logged = scene.site.nginx.errorLog().length;
    const entries = (await scene.store()).length;
    const page = await browser.navigate(`${scene.site.url}/`);
    expect([what, page.status]).toEqual([what, 403]);
    expect(scene.site.nginx.errorLog().slice(logged), what).toMatch(code);
    expect(await cookieOf(browser, scene.site.url, 'auth_token'), what).toBeUndefined();
    expect(await scene.store()).toHaveLength(entries);
  }

  const claimIsRefused = async (change: Record<string, unknown>, code = /id_token_invalid/) => {
    scene.provider.does.idToken = (claims) => ({ ...claims, ...change });
    await isRefused(JSON.stringify(change), code);
  };

  it('U3 an ID token without a nonce, or with the nonce of another login, is refused; no login leaks into another', async () => {
    const { provider, site } = scene;
    const nonces: unknown[] = [];
    provider.does.idToken = (claims) => {
      nonces.push(claims.nonce);
      return claims;
    };
    await scene.signedIn();
    for (const nonce of [undefined, null, '', nonces[0], [nonces[0]], 'undefined']) await claimIsRefused({ nonce });
    // two logins end at the same time, each with the other's nonce
    const [one, two] = [scene.browser(), scene.browser()];
    const callbacks = [await callbackFor(scene, one), await callbackFor(scene, two)];
    const swapped = provider
      .requests('/authorize')
      .slice(-2)
      .map(({ query }) => query.get('nonce'));
    provider.does.idToken = (claims) => ({ ...claims, nonce: swapped.find((nonce) => nonce !== claims.nonce) });
    const answers = await Promise.all([one.get(String(callbacks[0])), two.get(String(callbacks[1]))]);
    expect(answers.map((answer) => answer.status)).toEqual([403, 403]);
    provider.reset();
    await Promise.all(Array.from({ length: 10 }, () => scene.signedIn(scene.browser()))); // all at once is fine
    expect((await scene.agent.get(`${site.url}/`)).status).toBe(200);
  });

  it('A30 a nonce that is missing in the ID token is a failure, not a check left out', () =>
    claimIsRefused({ nonce: undefined }, /no "nonce", which the authorization request had/));

  it('U4 an ID token of another issuer is refused although a known key signed it', async () => {
    const { issuer } = scene.provider;
    for (const iss of [
      'https://evil.test',
      `${issuer}/`,
      `${issuer}.evil.test`,
      issuer.toUpperCase(),
      '',
      undefined,
      [issuer],
    ]) {
      await claimIsRefused({ iss }, /id_token_invalid .*"iss"/);
    }
  });

  it('A18 none, no algorithm, HMAC with the public key, unknown ones, enc, crit and keys inside the token are refused', async () => {
    const { provider } = scene;
    const own = await signingKey('RS256', 1);
    const foreign = await signingKey('RS256', 99);
    const publicKey = createPublicKey({ key: own.publicJwk as never, format: 'jwk' });
    const pem = publicKey.export({ type: 'spki', format: 'pem' }) as string;
    const forgeries: [string, (token: string) => string][] = [
      ['none', unsigned],
      ['NONE', (token) => resigned(token, '', { alg: 'NoNe' })],
      ['no alg', (token) => resigned(token, '', { alg: undefined })],
      ['alg is a list', (token) => resigned(token, own.privateKey, { alg: ['RS256'] })],
      ['HS256 with the public key', (token) => resigned(token, pem, { alg: 'HS256' })],
      ['HS256 with the public key, without kid', (token) => resigned(token, pem, { alg: 'HS256', kid: undefined })],
      [
        'HS256 with the client secret, which is not allowed',
        (token) => resigned(token, provider.client.secret, { alg: 'HS256' }),
      ],
      ['HS256 with nothing', (token) => resigned(token, '', { alg: 'HS256' })],
      ['an unknown algorithm', (token) => resigned(token, '', { alg: 'RS1' })],
      ['a name of every object', (token) => resigned(token, '', { alg: 'constructor' })],
      ['__proto__', (token) => resigned(token, '', { alg: '__proto__' })],
      ['enc', (token) => resigned(token, own.privateKey, { enc: 'A128GCM' })],
      ['crit', (token) => resigned(token, own.privateKey, { crit: ['exp'] })],
      ['b64', (token) => resigned(token, own.privateKey, { b64: false })],
      ['an embedded key', (token) => resigned(token, foreign.privateKey, { kid: undefined, jwk: foreign.publicJwk })],
      [
        'the URL of a key',
        (token) => resigned(token, foreign.privateKey, { jku: 'https://evil.test/jwks', kid: '99' }),
      ],
      ['a certificate', (token) => resigned(token, foreign.privateKey, { x5u: 'https://evil.test', x5c: ['MII'] })],
      ["another key under the right key's name", (token) => resigned(token, foreign.privateKey)],
      ['a broken signature', brokenSignature],
      ['no signature', (token) => token.replace(/[^.]+$/, '')],
      ['two parts', (token) => token.replace(/\.[^.]+$/, '')],
      ['claims changed after signing', (token) => swapClaims(token)],
    ];
    for (const [what, forge] of forgeries) {
      provider.does.compact = forge;
      await isRefused(what, /id_token_(algorithm|signature|invalid)|unknown_key/);
    }
    expect(provider.requests('/jwks').length).toBeLessThan(5);
  });

  it('A19 one refused token relaxes nothing for the next, and one accepted token neither', async () => {
    const { provider } = scene;
    for (let round = 0; round < 6; round++) {
      provider.does.compact = unsigned;
      await isRefused('none', /id_token_algorithm/);
      provider.does.compact = (token) => token;
      await scene.signedIn(scene.browser());
    }
  });

  it('A33 times that are no plausible numbers never make a token valid', async () => {
    const now = Math.floor(Date.now() / 1000);
    const times: unknown[] = [
      1e300,
      -1,
      0,
      String(now + 300),
      'NaN',
      null,
      true,
      [now + 300],
      {},
      undefined,
      now - 31,
      1e12,
    ];
    for (const exp of times) await claimIsRefused({ exp }, /"exp" is/);
    for (const iat of [1e300, String(now), null, {}, undefined, now + 300]) await claimIsRefused({ iat }, /"iat" is/);
    for (const nbf of [1e300, String(now), {}, now + 300]) await claimIsRefused({ nbf }, /"nbf" is/);
    scene.provider.does.idToken = (claims) => JSON.stringify(claims).replace(/"exp":\d+/, '"exp":1e999'); // Infinity, once parsed
    await isRefused('1e999', /"exp" is/);
    scene.provider.does.idToken = (claims) => JSON.stringify(claims).replace(/"exp":\d+/, '"exp":NaN');
    await isRefused('NaN', /id_token_invalid/);
  });

  it('U4 an ID token for others is refused: aud without this client, several aud without azp, azp of another', async () => {
    for (const aud of [
      'other',
      ['other'],
      [],
      undefined,
      'test-client2',
      [['test-client']],
      ['test-client', 'other'],
    ]) {
      await claimIsRefused({ aud }, /id_token_invalid/);
    }
    await claimIsRefused({ azp: 'other' }, /"azp"/);
    for (const sub of ['', undefined, 7, ['alice'], 'a'.repeat(256)]) await claimIsRefused({ sub }, /"sub"/);
  });
});

onEachTarget('renewed ID tokens', (nginx) => {
  const scene = useScene(nginx);

  it('A24 a renewed ID token is checked in full, and a sub that changed ends the session', async () => {
    const { provider, site } = scene;
    const foreign = await signingKey('RS256', 98);
    const now = Math.floor(Date.now() / 1000);
    const changes: [string, (token: string) => string][] = [
      ['sub', (token) => signed(token, { sub: 'mallory' })],
      ['iss', (token) => signed(token, { iss: 'https://evil.test' })],
      ['aud', (token) => signed(token, { aud: 'other' })],
      ['exp', (token) => signed(token, { exp: now - 100 })],
      ['nonce', (token) => signed(token, { nonce: 'another' })],
      ['none', unsigned],
      ['signature', brokenSignature],
      ['a foreign key', (token) => resigned(token, foreign.privateKey)],
    ];
    const { privateKey } = await signingKey('RS256', 1);
    const signed = (token: string, claims: Record<string, unknown>) => resigned(token, privateKey, {}, claims);
    provider.does.expiresIn = 2;
    const browsers = changes.map(() => scene.browser());
    for (const browser of browsers) await scene.signedIn(browser);
    await sleep(2100);
    for (const [i, [what, change]] of changes.entries()) {
      provider.does.compact = change;
      const answer = await browsers[i]?.xhr(`${site.url}/`);
      expect([what, answer?.status]).toEqual([what, 401]);
      provider.does.compact = (token) => token;
      expect([what, (await browsers[i]?.xhr(`${site.url}/`))?.status]).toEqual([what, 401]); // and it stays ended
    }
    expect(provider.grants('refresh_token')).toHaveLength(changes.length);
    expect((await scene.store()).filter(([key]) => /^[st]:/.test(key))).toEqual([]);
  });
});

function swapClaims(token: string): string {
  const { header, claims } = tokenParts(token);
  const [, , signature] = token.split('.');
  const unsignedToken = compactToken({ ...header, alg: 'none' }, { ...claims, sub: 'root' }, '');
  return `${token.split('.')[0]}.${unsignedToken.split('.')[1]}.${signature}`;
}
