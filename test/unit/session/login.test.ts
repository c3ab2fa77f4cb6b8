import { describe, expect, it } from 'vitest';
import { loginCookieName, openLogin, sealLogin, superfluousLogins } from '../../../src/session/login';
import { hmacKey } from '../../support/session-fixture';

const state = 'S'.repeat(43);
const realm = 'client\nhttps://idp.test';
const login = {
  nonce: 'n'.repeat(43),
  verifier: 'v'.repeat(43),
  path: '/reports?q=a%26b',
  redirectUri: 'http://127.0.0.1:8010/_codexch',
  began: 1_000_000,
};
const openIt = (value: string, changes: { state?: string; realm?: string; key?: string; now?: number } = {}) =>
  openLogin(
    value,
    changes.state ?? state,
    changes.realm ?? realm,
    changes.key ?? hmacKey,
    3600,
    changes.now ?? 1_000_010,
  );

describe('a login in progress', () => {
  it('comes back as it went', async () => {
    expect(await openIt(await sealLogin(login, state, realm, hmacKey))).toEqual(login);
  });

  it('may have a key that its tokens will be bound to', async () => {
    const bound = { ...login, dpopKey: 'x.y.d' };
    expect(await openIt(await sealLogin(bound, state, realm, hmacKey))).toEqual(bound);
  });

  it('comes back with what the sign-in must be, and with the wish to stay', async () => {
    const stepUp = { acrValues: ['mfa'], maxAge: 60 };
    for (const more of [{ stepUp }, { keep: true as const }, { stepUp, keep: true as const }]) {
      expect(await openIt(await sealLogin({ ...login, ...more }, state, realm, hmacKey))).toEqual({
        ...login,
        ...more,
      });
    }
  });

  it('tells the browser nothing', async () => {
    const value = await sealLogin(login, state, realm, hmacKey);
    const bytes = Buffer.from(value.slice(value.indexOf('.') + 1), 'base64url').toString('latin1');
    for (const secret of [login.nonce, login.verifier, login.path]) expect(bytes).not.toContain(secret);
  });

  it('is sealed differently each time', async () => {
    const values = await Promise.all([1, 2, 3, 4].map(() => sealLogin(login, state, realm, hmacKey)));
    expect(new Set(values).size).toBe(4);
  });

  it.each([
    ['for another state', { state: 'T'.repeat(43) }],
    ['for another provider or client', { realm: 'client\nhttps://other.test' }],
    ['with another key', { key: `${hmacKey}x` }],
    ['when it is too old', { now: 1_003_601 }],
  ])('does not open %s', async (_name, changes) => {
    expect(await openIt(await sealLogin(login, state, realm, hmacKey), changes)).toBeUndefined();
  });

  it('does not open when any one byte was changed', async () => {
    const value = await sealLogin(login, state, realm, hmacKey);
    const dot = value.indexOf('.');
    const bytes = Buffer.from(value.slice(dot + 1), 'base64url');
    for (let i = 0; i < bytes.length; i++) {
      const changed = Buffer.from(bytes);
      changed[i] = (changed[i] ?? 0) ^ 1;
      expect(await openIt(`${value.slice(0, dot)}.${changed.toString('base64url')}`), `byte ${i}`).toBeUndefined();
    }
  });

  it.each(['', '.', 'toy5.', '....', '%', 'x'.repeat(5000), 'toy5.AAAA', '=;\u0000'])(
    'survives %j in its place',
    async (value) => {
      expect(await openIt(value)).toBeUndefined();
    },
  );

  it('makes room for one more by dropping the oldest', () => {
    const cookies = Array.from({ length: 14 }, (_, i) => ({
      name: loginCookieName(`${i}`),
      value: `${(1000 + i).toString(36)}.x`,
    }));
    expect(superfluousLogins(cookies)).toEqual(['oidc_login_2', 'oidc_login_1', 'oidc_login_0']);
  });

  it('makes room in bytes too, so that the Cookie header stays below what NGINX reads', () => {
    const cookies = Array.from({ length: 6 }, (_, i) => ({
      name: `oidc_login_${i}`,
      value: `${(1000 + i).toString(36)}.${'x'.repeat(1500)}`,
    }));
    expect(superfluousLogins(cookies)).toEqual(['oidc_login_2', 'oidc_login_1', 'oidc_login_0']);
  });
});
