import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import flow from '../../../src/flow';
import { siteOf } from '../../../src/session/session-id';
import { encodeVerdict, verdictEntry } from '../../../src/store/token-verdict';
import { fakeZones, removeZonesAfterwards } from '../../support/fake-ngx';
import { fakeRequest } from '../../support/fake-request';

removeZonesAfterwards();
beforeAll(() => {
  Object.assign(globalThis, { loadFlow: () => flow });
});
afterEach(() => {
  vi.restoreAllMocks();
});

const site = siteOf('client https://idp.test ', 'a-key-for-tests-only-0123456789abcdef');
const asked = 'api\t.';
const token = 'header.claims.signature-of-more-than-43-characters-0123456789';
const question = (changes: Record<string, string> = {}) => ({
  http_authorization: `Bearer ${token}`,
  http_oidc_site: `http ${site}\t\t\t\t .`,
  http_oidc_bearer: `asked ${asked}`,
  http_cookie: '',
  ...changes,
});

/** A gate in a context that has just been made, and a verdict in its zone. */
async function gateOf(wants = '', variables: Record<string, string> = { jwt_claim_sub: 'alice' }, lives = 60) {
  const zones = fakeZones();
  const entry = verdictEntry(`Bearer ${token}`, site, asked);
  zones.oidc_tokens.set(entry, encodeVerdict(zones.now + lives, wants, variables), 3600);
  vi.resetModules();
  const { bearerRequest } = await import('../../../src/handlers/bearer-request');
  const { eitherRequest } = await import('../../../src/handlers/either-request');
  const asking =
    (handler: (r: NginxHTTPRequest) => unknown) =>
    async (changes: Record<string, string> = {}) => {
      const r = fakeRequest(question(changes));
      await handler(r);
      return r;
    };
  return { zones, entry, ask: asking(bearerRequest), askEither: asking(eitherRequest) };
}

describe('the gate for access tokens', () => {
  it('opens for a token that was verified, with its variables and the other cookies', async () => {
    const { ask } = await gateOf();
    for (const _ of ['read', 'kept']) {
      const r = await ask({ http_cookie: 'a=b; auth_token=x' });
      expect([r.status, r.headersOut]).toEqual([204, { jwt_claim_sub: 'alice', oidc_app_cookies: 'a=b' }]);
    }
  });

  it('passes the token on where the location wants it', async () => {
    const { ask } = await gateOf('a');
    expect((await ask({ http_authorization: `Bearer ${token}` })).headersOut.access_token).toBe(token);
  });

  it.each<[string, Record<string, string>]>([
    ['another token', { http_authorization: `Bearer x${token.slice(1)}` }],
    ['none', { http_authorization: '' }],
    ['another site', { http_oidc_site: `http ${site}x\t\t\t\t .` }],
    ['no site', { http_oidc_site: '' }],
    ['a location that asks for more', { http_oidc_bearer: `asked ${asked}.` }],
  ])('leaves %s to the request of the program, also with the first in mind', async (_name, changes) => {
    const { ask } = await gateOf();
    expect((await ask(changes)).status).toBe(409);
    expect((await ask()).status).toBe(204);
    expect((await ask(changes)).status).toBe(409);
  });

  it('forgets at once what the zone no longer has, or has anew', async () => {
    const { ask, zones, entry } = await gateOf();
    expect((await ask()).status).toBe(204);
    zones.oidc_tokens.set(entry, encodeVerdict(zones.now + 60, '', { jwt_claim_sub: 'bob' }), 60);
    expect((await ask()).headersOut.jwt_claim_sub).toBe('bob');
    zones.oidc_tokens.delete(entry);
    expect((await ask()).status).toBe(409);
  });

  it('opens no more once the time is over, though the zone still has it', async () => {
    const { ask } = await gateOf('', {}, 10);
    expect((await ask()).status).toBe(204);
    const then = Date.now() + 11_000;
    vi.spyOn(Date, 'now').mockReturnValue(then);
    expect((await ask()).status).toBe(409);
  });

  it.each(['', 'x', 'NaN a', '0 '])('leaves what it cannot read: "%s"', async (text) => {
    const { ask, zones, entry } = await gateOf();
    zones.oidc_tokens.set(entry, text, 60);
    expect((await ask()).status).toBe(409);
  });

  it('leaves what only a script can set, what does not fit, and what fails', async () => {
    expect((await (await gateOf('s')).ask()).status).toBe(409);
    expect((await (await gateOf('', { oidc_claim_groups: 'g'.repeat(8000) })).ask()).status).toBe(409);
    const { ask, zones } = await gateOf();
    zones.control.broken = true;
    expect((await ask()).status).toBe(409);
  });
});

describe('the gate for a token or a session', () => {
  it('asks about the token alone where there is one', async () => {
    const { askEither } = await gateOf();
    expect((await askEither({ http_cookie: 'auth_token=x' })).headersOut.jwt_claim_sub).toBe('alice');
    expect((await askEither({ http_authorization: 'Bearer x', http_cookie: 'auth_token=x' })).status).toBe(409);
  });

  it('asks about the session where there is none, or another scheme', async () => {
    const { askEither } = await gateOf();
    const cookie = `auth_token=${'x'.repeat(43)}`;
    for (const http_authorization of ['', 'Basic YTpi']) {
      expect((await askEither({ http_authorization, http_cookie: cookie })).status).toBe(401);
      expect((await askEither({ http_authorization, http_cookie: 'a=b' })).status).toBe(409);
    }
  });

  it('knows the name of the session cookie, and keeps it from the application', async () => {
    const { ask, askEither } = await gateOf();
    const http_oidc_site = `http ${site}\t\t\t\tsid .`;
    expect((await ask({ http_oidc_site, http_cookie: 'sid=x; auth_token=y' })).headersOut.oidc_app_cookies).toBe(
      'auth_token=y',
    );
    const either = { http_oidc_site, http_authorization: '' };
    expect((await askEither({ ...either, http_cookie: `sid=${'x'.repeat(43)}` })).status).toBe(401);
    expect((await askEither({ ...either, http_cookie: `auth_token=${'x'.repeat(43)}` })).status).toBe(409);
  });
});
