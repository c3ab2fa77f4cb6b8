import { describe, expect, it } from 'vitest';
import flow from '../../../src/flow';
import { oidcError } from '../../../src/protocol/errors';
import { removeZonesAfterwards } from '../../support/fake-ngx';
import { fakeSignIn } from '../../support/fake-sign-in';
import { logoutClaims } from '../../support/logout-claims';
import { signerOf } from '../../support/signed-token';

removeZonesAfterwards();

const sid = 'one-session-at-the-provider';
const content_type = 'application/x-www-form-urlencoded';
const claims = (changes: Record<string, unknown> = {}) =>
  logoutClaims({ iss: 'https://idp.test', aud: 'client' }, { sid, ...changes });
const sign = async (changes: Record<string, unknown> = {}) => (await signerOf('ES256')).sign(claims(changes));

async function signedIn(idToken: Record<string, unknown> = { sid }, site: Record<string, string> = {}) {
  const made = fakeSignIn(site);
  Object.assign(made.provider.claims, idToken);
  await made.comeBack(`code=C&state=${(await made.begin()).state}`);
  const entries = (kinds: RegExp) => [...made.zones.oidc_sessions.entries.keys()].filter((key) => kinds.test(key));
  const call = (token: string, variables: Record<string, string> = {}, method = 'POST') =>
    made.ask((r) => flow.handleBackChannelLogout(Object.assign(r, { method, requestText: `logout_token=${token}` })), {
      http_cookie: '',
      content_type,
      ...variables,
    });
  return { ...made, call, isLive: () => entries(/^[st]:/).length > 0, entries };
}

describe('a back-channel logout', () => {
  it('ends the session of the sid, says 200 and nothing more', async () => {
    const { call, isLive, entries } = await signedIn();
    const r = await call(await sign());
    expect([r.status, r.body, r.headersOut['Set-Cookie'], r.headersOut['Cache-Control']]).toEqual([
      200,
      '',
      undefined,
      'no-store',
    ]);
    expect([isLive(), entries(/^p:/)]).toEqual([false, []]);
  });

  it('with a sub alone ends what that person has', async () => {
    const { call, isLive } = await signedIn();
    expect((await call(await sign({ sid: undefined, sub: 'bob' }))).status).toBe(200);
    expect(isLive()).toBe(true);
    expect((await call(await sign({ sid: undefined, sub: 'alice' }))).status).toBe(200);
    expect(isLive()).toBe(false);
  });

  it('with sid and sub ends what the sid names, nothing else of that person', async () => {
    const { call, isLive } = await signedIn();
    expect((await call(await sign({ sid: 'another-session-there', sub: 'alice' }))).status).toBe(200);
    expect(isLive()).toBe(true);
  });

  it('ends a session whose sid could be guessed, because the token proves who asks', async () => {
    const { call, isLive } = await signedIn({ sid: '17' });
    expect((await call(await sign({ sid: '17' }))).status).toBe(200);
    expect(isLive()).toBe(false);
  });

  it('works under a name that only the provider uses', async () => {
    const { call, isLive } = await signedIn();
    expect((await call(await sign(), { host: 'nginx.internal' })).status).toBe(200);
    expect(isLive()).toBe(false);
  });

  it('is good for one time, also for another site of the client, but for each client', async () => {
    const { call, zones } = await signedIn();
    const token = await sign({ jti: 'J' });
    expect((await call(token)).status).toBe(200);
    const again = await call(token);
    expect([again.status, again.log[0]?.line]).toEqual([400, expect.stringContaining('was used before')]);
    expect((await call(await sign({ jti: 'J', sid: 'other' }))).status).toBe(400);
    expect((await call(await sign({ jti: 'J', aud: 'other' }), { oidc_client: 'other' })).status).toBe(200);
    const kept = [...zones.oidc_sessions.entries].filter(([key]) => key.startsWith('j:'));
    expect(kept).toHaveLength(2);
    for (const [, { ends }] of kept) expect(ends - zones.now).toBeLessThanOrEqual(151);
  });

  it('ends sessions also where the store is full', async () => {
    const { call, isLive, zones } = await signedIn();
    zones.oidc_sessions.full = true;
    const r = await call(await sign());
    expect([isLive(), r.status]).toEqual([false, 400]); // the tombstone could not be written
  });

  it('that could not be done in full may be sent again', async () => {
    const { call, zones } = await signedIn();
    const token = await sign();
    const { add } = zones.oidc_sessions;
    zones.oidc_sessions.add = (key, value, ttl) => {
      if (key.startsWith('x:')) throw oidcError('store_failed', 'no room for a tombstone');
      return add(key, value, ttl);
    };
    expect((await call(token)).status).toBe(400);
    zones.oidc_sessions.add = add;
    expect((await call(token)).status).toBe(200);
  });

  it('that fails inside says server_error, and the cause to the log alone', async () => {
    const { call, isLive } = await signedIn();
    const r = await call(await sign(), { oidc_hmac_key: 'short' });
    expect([r.status, JSON.parse(r.body)]).toEqual([
      400,
      { error: 'server_error', error_description: expect.stringMatching(/ reference [0-9a-f]{12}$/) },
    ]);
    expect(r.log).toEqual([{ level: 'error', line: expect.stringContaining('config_invalid') }]);
    expect(isLive()).toBe(true);
  });

  it('of a provider that has new keys fetches them', async () => {
    const { call, isLive, provider } = await signedIn();
    const next = await signerOf('ES256', 2);
    provider.metadata.jwks_uri = 'https://idp.test/jwks';
    const r = await call(await next.sign(claims()));
    expect(r.subrequests.map(({ location }) => location)).toEqual(['/_jwks_uri']); // once, and it is not there
    expect([r.status, isLive()]).toEqual([400, true]);
  });

  it.each([
    ['another content type', async () => sign(), { content_type: 'application/json' }],
    ['no token', async () => '', {}],
    ['no JWT', async () => 'a.b.c', {}],
    ['a token of another type', async () => (await signerOf('ES256')).sign(claims(), { typ: 'at+jwt' }), {}],
  ])('with %s is refused before anything is looked up', async (_name, token, variables) => {
    const { call, isLive } = await signedIn();
    const sent = await token();
    const r = await call(sent, { ...variables, oidc_hmac_key: 'short' });
    expect([r.status, JSON.parse(r.body).error, r.subrequests]).toEqual([400, 'invalid_request', []]);
    expect(r.log).toEqual([{ level: 'warn', line: expect.stringContaining('logout_invalid') }]);
    expect(isLive()).toBe(true);
  });

  it.each(['GET', 'HEAD', 'PUT'])('is no %s', async (method) => {
    const { call, isLive } = await signedIn();
    const r = await call(await sign(), {}, method);
    expect([r.status, r.headersOut.Allow, isLive()]).toEqual([405, 'POST', true]);
  });

  it('has no token, sid or sub in the log', async () => {
    const { call } = await signedIn();
    const token = await sign({ aud: 'other', sub: 'alice-in-person' });
    const r = await call(token);
    const log = JSON.stringify(r.log) + r.body;
    expect([token, sid, 'alice-in-person'].filter((secret) => log.includes(secret))).toEqual([]);
  });
});
