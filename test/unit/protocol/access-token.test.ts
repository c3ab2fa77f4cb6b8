import { describe, expect, it } from 'vitest';
import {
  asymmetric,
  decodeAccessToken,
  isJwt,
  requireScopes,
  scopesOf,
  tokenErrorOf,
  validateAccessToken,
} from '../../../src/protocol/access-token';
import { decodeJws, verifyJws } from '../../../src/protocol/jws';
import { type Signer, signerOf } from '../../support/signed-token';

const now = Math.floor(Date.now() / 1000);
const expected = { issuer: 'https://idp.test', audiences: ['api', 'https://api.test'], now, clockSkew: 30 };
const proper = (changes: Record<string, unknown> = {}) => ({
  iss: expected.issuer,
  aud: 'api',
  sub: 'alice',
  client_id: 'program',
  jti: 'J',
  iat: now,
  exp: now + 60,
  ...changes,
});
const algorithms = ['ES256', 'RS256'];
const sign = async (claims: unknown, header: Record<string, unknown> = {}, signer?: Signer) =>
  (signer ?? (await signerOf('ES256'))).sign(claims, { typ: 'at+jwt', ...header });
const problem = (attempt: () => unknown) => {
  try {
    attempt();
    return undefined;
  } catch (error) {
    const { code, detail } = error as { code: string; detail: string };
    return `${code} ${detail}`;
  }
};

async function verified(claims: unknown) {
  const signer = await signerOf('ES256');
  const jws = decodeAccessToken(await sign(claims), 'at+jwt', algorithms, expected);
  return validateAccessToken(await verifyJws(jws, [signer.jwk as never], { algorithms }), expected);
}

describe('an access token', () => {
  it('that holds says who and what for', async () => {
    const { claims, scopes, exp } = await verified(proper({ scope: 'a b' }));
    expect([claims.sub, scopes, exp]).toEqual(['alice', ['a', 'b'], now + 60]);
  });

  it.each([
    ['for several APIs', { aud: ['other', 'https://api.test'] }],
    ['a little late', { exp: now - 29 }],
    ['a little early', { nbf: now + 30 }],
    ['that names its kind', { token_use: 'access', typ: 'Bearer' }],
    ['that names its kind as Keycloak does of one with a key', { typ: 'DPoP' }],
  ])('%s holds', async (_name, changes) => {
    await expect(verified(proper(changes))).resolves.toBeTruthy();
  });

  it.each([
    ['another issuer', { iss: 'https://idp.test/' }, '"iss" is "https://idp.test/"'],
    ['no issuer', { iss: undefined }, '"iss" is nothing'],
    ['another API', { aud: 'other' }, '"aud" is "other", not api or https://api.test'],
    ['an API that only begins alike', { aud: 'api2' }, '"aud" is "api2"'],
    ['no audience', { aud: undefined }, '"aud" is missing'],
    ['an audience that is an object', { aud: { api: 1 } }, '"aud" is "object"'],
    ['an audience with something else in its list', { aud: ['api', 1] }, '"aud" is'],
    ['no end', { exp: undefined }, '"exp" is nothing'],
    ['an end that is over', { exp: now - 30 }, '"exp" is'],
    ['an end that is text', { exp: String(now + 60) }, '"exp" is'],
    ['an end beyond all numbers', { exp: 1e300 }, '"exp" is'],
    ['a beginning to come', { nbf: now + 31 }, '"nbf" is'],
    ['no sub', { sub: undefined }, '"sub" is not'],
    ['an empty sub', { sub: '' }, '"sub" is not'],
    ['the nonce of an ID token', { nonce: 'N' }, 'it has "nonce"'],
    ['the at_hash of an ID token', { at_hash: 'x' }, 'it has "at_hash"'],
    ['the event of a logout token', { events: {} }, 'it has "events"'],
    ['token_use id', { token_use: 'id' }, '"token_use"'],
    ['a kind that is ID', { typ: 'ID' }, '"token_use" or "typ"'],
    ['a key of its owner', { cnf: { jkt: 'x' } }, 'bound to a key'],
  ])('with %s is refused before and after its signature', async (_name, changes, said) => {
    const token = await sign(proper(changes));
    const refusal = expect.stringMatching(/^bearer_token_invalid access token: /);
    const before = problem(() => decodeAccessToken(token, 'at+jwt', algorithms, expected));
    expect(before).toEqual(refusal);
    expect(before).toContain(said);
    const signer = await signerOf('ES256');
    const jws = await verifyJws(decodeJws(token), [signer.jwk as never], { algorithms });
    expect(problem(() => validateAccessToken(jws, expected))).toBe(before);
  });

  describe('where it must be bound', () => {
    const proven = { jkt: 'K', certificate: 'C' };
    const attempt = async (bound: 'off' | 'any' | 'dpop' | 'mtls', cnf: unknown, has = proven) => {
      const token = await sign(proper(cnf === undefined ? {} : { cnf }));
      return problem(() => decodeAccessToken(token, 'at+jwt', algorithms, { ...expected, proven: has, bound }));
    };
    const both = { jkt: 'K', 'x5t#S256': 'C' };
    const byCertificate = { jkt: '', certificate: 'C' };

    it.each([
      ['any', { jkt: 'K' }, proven],
      ['any', { 'x5t#S256': 'C' }, byCertificate],
      ['dpop', { jkt: 'K' }, proven],
      ['dpop', both, proven],
      ['mtls', { 'x5t#S256': 'C' }, byCertificate],
      ['mtls', both, proven],
    ] as const)('%s: one with %j passes', async (bound, cnf, has) => {
      expect(await attempt(bound, cnf, has)).toBe(undefined);
    });

    it.each([
      ['any', undefined],
      ['any', {}],
      ['dpop', undefined],
      ['dpop', { 'x5t#S256': 'C' }],
      ['mtls', undefined],
      ['mtls', { jkt: 'K' }],
    ] as const)('%s: one with %j is refused', async (bound, cnf) => {
      const has = { jkt: cnf !== undefined && 'jkt' in cnf ? 'K' : '', certificate: 'C' };
      expect(await attempt(bound, cnf, has)).toMatch(/^bearer_token_invalid access token: it is (?:not )?bound/);
    });
  });

  it.each([
    ['JWT', { typ: 'JWT' }, '"typ" is "jwt", not at+jwt (RFC 9068): where'],
    ['none', { typ: undefined }, '"typ" is missing, not at+jwt (RFC 9068): where'],
    ['logout+jwt', { typ: 'logout+jwt' }, '"typ" is "logout+jwt", not at+jwt'],
    ['dpop+jwt', { typ: 'dpop+jwt' }, '"typ" is "dpop+jwt", not at+jwt'],
  ])('of the type %s is refused', async (_name, header, said) => {
    const token = await sign(proper(), header);
    expect(problem(() => decodeAccessToken(token, 'at+jwt', algorithms, expected))).toContain(said);
  });

  it.each([{ typ: 'AT+JWT' }, { typ: 'application/at+jwt' }])('may have the type %j', async (header) => {
    const token = await sign(proper(), header);
    expect(problem(() => decodeAccessToken(token, 'at+jwt', algorithms, expected))).toBe(undefined);
  });

  it('of another type is accepted where that is said, but no other kind of token', async () => {
    const attempt = (token: string) => problem(() => decodeAccessToken(token, 'jwt', algorithms, expected));
    expect(attempt(await sign(proper(), { typ: 'JWT' }))).toBe(undefined);
    expect(attempt(await sign(proper(), { typ: undefined }))).toBe(undefined);
    expect(attempt(await sign(proper(), { typ: 'logout+jwt' }))).toContain('"typ"');
    expect(attempt(await sign(proper({ nonce: 'N' }), { typ: 'JWT' }))).toContain('"nonce"');
  });

  it('by an algorithm that is not listed is refused by its header', async () => {
    const token = await sign(proper(), {}, await signerOf('HS256'));
    expect(problem(() => decodeAccessToken(token, 'at+jwt', algorithms, expected))).toContain(
      'it is signed with HS256',
    );
    const [, payload] = token.split('.');
    const header = Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url');
    expect(problem(() => decodeAccessToken(`${header}.${payload}.`, 'at+jwt', algorithms, expected))).toContain('none');
  });

  it('with a header that changes its meaning, or no JWT at all, is refused as a token', async () => {
    for (const token of [
      await sign(proper(), { crit: ['exp'], exp: 1 }),
      'a.b.c',
      'opaque',
      `${await sign(proper())}.x`,
    ]) {
      expect(problem(() => decodeAccessToken(token, 'at+jwt', algorithms, expected))).toMatch(/^bearer_token_invalid /);
    }
  });
});

it('algorithms with a secret do not count for access tokens', () => {
  expect(asymmetric(['RS256', 'HS256', 'ES512', 'HS512'])).toEqual(['RS256', 'ES512']);
});

it.each([
  ['a.b.c', true],
  ['a.b.', true],
  ['a.b', false],
  ['a.b.c.d.e', false],
  ['opaque', false],
  ['a.b+.c', false],
])('%s is a JWT: %s', (token, is) => {
  expect(isJwt(token)).toBe(is);
});

it.each([
  [{ scope: 'a b' }, ['a', 'b']],
  [{ scp: 'a b' }, ['a', 'b']],
  [{ scp: ['a', 'b'] }, ['a', 'b']],
  [{ scope: '', scp: 'a' }, []],
  [{ scope: ['a', 1] }, []],
  [{ scope: { a: 1 } }, []],
  [{}, []],
])('the scopes of %j are %j', (claims, scopes) => {
  expect(scopesOf(claims)).toEqual(scopes);
});

it('every scope that is required must be there, to the letter', async () => {
  const token = await verified(proper({ scope: 'read writer' }));
  expect(problem(() => requireScopes(token, ['read', 'writer']))).toBe(undefined);
  expect(problem(() => requireScopes(token, []))).toBe(undefined);
  expect(problem(() => requireScopes(token, ['read', 'write']))).toBe(
    'bearer_scope_missing the access token lacks the scope write ($oidc_require_scope)',
  );
});

it('what is wrong with a signature is said of the token, all else stays what it is', () => {
  const unrelated = Object.assign(new Error('x'), { code: 'jwks_failed' });
  expect(tokenErrorOf(unrelated)).toBe(unrelated);
  const signature = Object.assign(new Error('x'), { code: 'unknown_key', detail: 'no key' });
  expect(tokenErrorOf(signature)).toMatchObject({ code: 'bearer_token_invalid', detail: 'access token: no key' });
});
