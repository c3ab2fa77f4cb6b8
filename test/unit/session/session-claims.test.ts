import { describe, expect, it } from 'vitest';
import { claimsBeside, sessionClaims } from '../../../src/session/session-claims';

const tokenWith = (claims: Record<string, unknown>) =>
  [{ alg: 'RS256' }, claims, {}].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
const kept = (all: Record<string, unknown>, own: Record<string, unknown>, before?: Record<string, unknown>) =>
  sessionClaims({ idToken: tokenWith(own), besideIdToken: claimsBeside(all, own, before) });

describe('the claims of a session', () => {
  it('are those of the ID token, which need nothing beside it', () => {
    expect(claimsBeside({ sub: 'a', groups: ['x'] }, { sub: 'a', groups: ['x'] })).toBe('');
    expect(sessionClaims({ idToken: tokenWith({ sub: 'a' }), besideIdToken: '' })).toEqual({ sub: 'a' });
  });

  it('and what only UserInfo says', () => {
    expect(kept({ sub: 'a', x: { y: [1, true, null] } }, { sub: 'a' })).toEqual({
      sub: 'a',
      x: { y: [1, true, null] },
    });
  });

  it('but for how the person signed in, which UserInfo cannot say', () => {
    const said = { sub: 'a', acr: 'mfa', amr: ['otp'], auth_time: 5 };
    expect(kept(said, { sub: 'a' })).toEqual({ sub: 'a' });
  });

  it('at a renewal: the sign-in stays what it was, as far as the new ID token does not say it', () => {
    const before = { sub: 'a', acr: 'mfa', amr: ['otp'], auth_time: 1000, groups: ['old'] };
    expect(kept({ sub: 'a' }, { sub: 'a' }, before)).toEqual({ sub: 'a', acr: 'mfa', amr: ['otp'], auth_time: 1000 });
    const now = { sub: 'a', acr: 'pwd', auth_time: 1000 };
    expect(kept(now, now, before)).toEqual({ ...now, amr: ['otp'] });
  });

  it('at a renewal: the sign-in becomes no younger', () => {
    const now = { sub: 'a', auth_time: 2000 };
    expect(kept(now, now, { auth_time: 1000 })).toEqual({ sub: 'a', auth_time: 1000 });
    const third = claimsBeside({ sub: 'a', auth_time: 3000 }, { sub: 'a', auth_time: 3000 }, { auth_time: 1000 });
    expect(sessionClaims({ idToken: tokenWith({ auth_time: 3000 }), besideIdToken: third }).auth_time).toBe(1000);
  });
});
