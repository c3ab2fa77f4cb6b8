import { expect, it } from 'vitest';
import { constantTimeEqual } from '../../src/protocol/equal';
import { openLogin, sealLogin } from '../../src/session/login';
import { open, seal } from '../../src/session/seal';
import { realmOf, sessionKey } from '../../src/session/session-id';

const by = { purpose: 'login', secret: 'a-key-for-tests-only' };
const state = 'S'.repeat(43);
const login = { nonce: 'n', verifier: 'v', path: '/p', redirectUri: 'https://app.example.com/_codexch', began: 1000 };

it('A11 what is sealed is bound to state, client, issuer and key, in every position of their separators, and ends', async () => {
  const realm = realmOf('client', 'https://idp.example.com', '');
  const value = await sealLogin(login, state, realm, by.secret);
  const reopen = (given: Partial<{ value: string; state: string; realm: string; key: string; now: number }>) => {
    const all = { value, state, realm, key: by.secret, now: 1500, ...given };
    return openLogin(all.value, all.state, all.realm, all.key, 600, all.now);
  };
  expect(await reopen({})).toEqual(login);
  for (const change of [
    { state: `${state.slice(1)}T` },
    { realm: realmOf('client2', 'https://idp.example.com', '') },
    { realm: realmOf('client', 'https://idp.example.com.evil.test', '') },
    { realm: realmOf('', 'clienthttps://idp.example.com', '') },
    { key: 'another-key-for-tests' },
    { now: 1601 }, // its age counts, not the Max-Age that a thief ignores
    { value: `zz.${value.slice(value.indexOf('.') + 1)}`, now: 1601 }, // nor the time in clear
  ]) {
    expect(await reopen(change), JSON.stringify(change)).toBeUndefined();
  }
  const key = (secret: string, site: string, cookieName = 'auth_token') => sessionKey(secret, { site, cookieName });
  expect(key('a', 'b\nc')).not.toBe(key('a', 'bc'));
  expect(key('a', 'b')).not.toBe(key('a', 'b', '__Host-auth_token'));
  expect(realmOf('a', 'b', '')).not.toBe(realmOf('ab', '', ''));
});

it('A12 sealing is authenticated, never repeats an IV, and what does not open tells nothing of why', async () => {
  const sealed = await Promise.all(Array.from({ length: 300 }, () => seal(by, 'context', 'the same text')));
  expect(new Set(sealed.map((text) => text.slice(0, 16))).size).toBe(300);
  const [one = ''] = sealed;
  const bytes = Buffer.from(one, 'base64url');
  const broken = Array.from(bytes, (_, at) => {
    const copy = Buffer.from(bytes);
    copy[at] = (copy[at] ?? 0) ^ 0x80;
    return copy.toString('base64url');
  });
  const cut = Array.from(bytes, (_, length) => bytes.subarray(0, length).toString('base64url'));
  for (const text of [...broken, ...cut, `${one}A`, `${one}=`, ` ${one}`, one.replace(/^./, '+')]) {
    expect(await open(by, 'context', text)).toBeUndefined();
  }
  for (const other of [
    { ...by, purpose: 'tokens' },
    { ...by, secret: 'x' },
  ]) {
    expect(await open(other, 'context', one)).toBeUndefined();
  }
  expect(Buffer.from((await open(by, 'context', one)) ?? '').toString()).toBe('the same text');
});

it('A12 secrets are compared in full, whatever their length and wherever they differ', () => {
  expect(constantTimeEqual('secret', 'secret')).toBe(true);
  for (const other of ['', 'secre', 'secrets', 'Secret', 'secreT', 'undefined']) {
    expect(constantTimeEqual('secret', other)).toBe(false);
    expect(constantTimeEqual(other, 'secret')).toBe(false);
  }
});
