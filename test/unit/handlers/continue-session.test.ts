import { afterEach, describe, expect, it, vi } from 'vitest';
import flow from '../../../src/flow';
import { removeZonesAfterwards } from '../../support/fake-ngx';
import { fakeSignIn } from '../../support/fake-sign-in';

removeZonesAfterwards();
afterEach(() => {
  vi.restoreAllMocks();
});

/** Somebody who signed in five minutes ago: the tokens have just expired. */
async function withExpiredTokens(site: Record<string, string> = {}) {
  const made = fakeSignIn({ access_token: '', ...site });
  await made.comeBack(`code=C&state=${(await made.begin()).state}`);
  const then = Date.now() + 301_000;
  vi.spyOn(Date, 'now').mockReturnValue(then);
  const request = () => made.ask(flow.continueSession, { upstream_status: '409' });
  const refreshes = () => made.provider.forms.filter((form) => form.get('grant_type') === 'refresh_token');
  return { ...made, request, refreshes };
}

describe('a request with expired tokens', () => {
  it('gets new ones by the refresh token, and goes on with them', async () => {
    const { request, refreshes, provider } = await withExpiredTokens();
    provider.tokens = { access_token: 'access-2', refresh_token: 'refresh-2' };
    provider.claims = { at_hash: undefined };
    const r = await request();
    expect([r.status, r.variables.access_token], r.log[0]?.line).toEqual([204, 'access-2']);
    expect(refreshes().map((form) => form.get('refresh_token'))).toEqual(['refresh']);
    await request();
    expect(refreshes()).toHaveLength(1);
  });

  it('gets them also from an njs that cannot end a detached subrequest', async () => {
    const { request, provider } = await withExpiredTokens();
    Object.assign(globalThis, { njs: { version_number: 0x000809 } });
    provider.tokens = { access_token: 'access-2', refresh_token: 'refresh-2' };
    provider.claims = { at_hash: undefined };
    const r = await request();
    expect([r.status, r.variables.access_token], r.log[0]?.line).toEqual([204, 'access-2']);
  });

  it.each<[string, { tokenStatus?: number; tokens?: object; claims?: object; userinfo?: object }]>([
    ['the provider says that the refresh token is no good', { tokenStatus: 400, tokens: { error: 'invalid_grant' } }],
    ['the new ID token is of somebody else', { claims: { sub: 'mallory' } }],
    ['the new ID token is for another client', { claims: { aud: 'other' } }],
    ['the new ID token has another nonce', { claims: { nonce: 'another' } }],
    ['UserInfo speaks of somebody else', { userinfo: { sub: 'mallory' } }],
  ])('ends the session when %s', async (_name, said) => {
    const { request, provider } = await withExpiredTokens({ oidc_userinfo: '1' });
    Object.assign(provider, said);
    expect((await request()).status).toBe(401);
    Object.assign(provider, { tokenStatus: 200, tokens: {}, claims: {}, userinfo: { sub: 'alice' } });
    expect((await request()).status, 'afterwards').toBe(401);
  });

  it.each([0x000809, 0x010002])(
    'goes on, and leaves no lock, where the renewal cannot begin (njs %i)',
    async (version) => {
      const { ask, zones } = await withExpiredTokens();
      Object.assign(globalThis, { njs: { version_number: version } });
      const r = await ask(flow.continueSession, { upstream_status: '409', host: 'not-this-site.test' });
      expect(r.status).toBe(204);
      expect(r.log.map(({ line }) => line).join()).toContain('host_not_allowed');
      expect([...zones.oidc_sessions.entries.keys()].filter((key) => key.startsWith('l:'))).toEqual([]);
    },
  );

  it('holds the nonce of the sign-in against each renewed ID token, also after one without a nonce', async () => {
    const { request, provider } = await withExpiredTokens();
    provider.claims = { nonce: undefined };
    expect((await request()).status).toBe(204);
    vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 301_000);
    provider.claims = {};
    expect((await request()).status).toBe(204);
    vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 301_000);
    provider.claims = { nonce: undefined };
    expect((await request()).status).toBe(204);
    vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 301_000);
    provider.claims = { nonce: 'another' };
    expect((await request()).status).toBe(401);
  });

  it.each([
    ['is in trouble', { tokenStatus: 503 }],
    ['does not know this client for a moment', { tokenStatus: 401, tokens: { error: 'invalid_client' } }],
    ['answers nonsense', { tokens: { access_token: 7 } }],
  ])('keeps the session when the provider %s', async (_name, said) => {
    const { request, provider } = await withExpiredTokens();
    Object.assign(provider, said);
    expect((await request()).status).toBe(204);
  });
});
