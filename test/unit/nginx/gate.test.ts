import { describe, expect, it } from 'vitest';
import { allow, deny, fail, noDemands, pass } from '../../../src/nginx/gate';
import { oidcError } from '../../../src/protocol/errors';
import { fakeRequest } from '../../support/fake-request';

const variables = ['jwt_claim_sub', 'alice', 'oidc_app_cookies', 'theme=dark'];

describe('the gate', () => {
  it('lets a signed-in request pass with its variables and what else the browser sent', () => {
    const r = fakeRequest({ jwt_claim_sub: '' });
    allow(r, variables);
    expect(r.status).toBe(204);
    const expected = { jwt_claim_sub: 'alice', oidc_app_cookies: 'theme=dark' };
    expect([r.variables, r.headersOut]).toMatchObject([expected, expected]);
  });

  it('lets a request pass although a variable is not declared any more', () => {
    const r = fakeRequest();
    Object.defineProperty(r.variables, 'jwt_claim_sub', {
      set() {
        throw new Error('variable not found');
      },
    });
    allow(r, variables);
    expect(r.status).toBe(204);
  });

  it('stops who is not signed in', () => {
    const r = fakeRequest();
    deny(r, '', pass, noDemands);
    expect(r.status).toBe(401);
  });

  it('goes on without a session where signing in is optional, with the cookies of the application alone', () => {
    const asked = fakeRequest({ args: 'optional' });
    deny(asked, 'theme=dark', pass, noDemands);
    expect([asked.status, asked.headersOut]).toEqual([204, { oidc_app_cookies: 'theme=dark' }]);
    const large = fakeRequest({ args: 'optional' });
    deny(large, 'x'.repeat(8000), pass, noDemands);
    expect([large.status, large.headersOut]).toEqual([409, {}]); // @continue_session says it
    const within = fakeRequest({ args: 'optional', oidc_app_cookies: '' });
    deny(within, 'x'.repeat(8000), allow, noDemands);
    expect([within.status, within.variables.oidc_app_cookies]).toEqual([204, 'x'.repeat(8000)]);
  });

  it('stops who is not signed in where the location demands something, although signing in is optional', () => {
    for (const demands of ['groups any admins\t\t', '\tmfa\t', '\t\t60', '']) {
      const r = fakeRequest({ args: 'optional' });
      deny(r, '', pass, demands);
      expect([demands, r.status]).toEqual([demands, 401]);
    }
  });

  it.each([
    [oidcError('store_failed', 'full'), 'store_failed full'],
    [new Error('boom'), 'internal boom'],
    ['text', 'internal text'],
  ])('stops whom it cannot tell, with the reason for the next location', (error, reason) => {
    const r = fakeRequest();
    fail(r, error);
    expect(r.status).toBe(401);
    expect(r.variables.oidc_gate_error).toBe(reason);
  });
});
