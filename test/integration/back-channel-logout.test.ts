import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { sessionKey } from '../../src/session/session-id';
import { cookieOf, useScene } from '../security/site';
import { type Agent, createAgent, signIn } from '../support/agent';
import { demoClient, type RunningProvider, startProvider } from '../support/demo-parts';
import { type EchoApplication, startEchoApplication } from '../support/echo-application';
import { logoutClaims, logoutEvent } from '../support/logout-claims';
import { brokenSignature, resigned, signingKey, unsigned } from '../support/misbehaving-provider';
import { freePort, onEachTarget, useNginx } from '../support/nginx';
import { waitUntil } from '../support/processes';
import { type Site, startSite, testClient, testHmacKey, testScope } from '../support/site';

/** A server beside the one of frontend.conf: the same provider, store and workers. */
const server = (port: number, issuer: string, client: string) => `
server {
    include conf.d/openid_connect.server_conf;
    set $oidc_issuer ${issuer};
    set $oidc_client ${client};
    set $oidc_client_secret ${testClient.secret};
    set $oidc_hmac_key ${testHmacKey};
    set $oidc_insecure_http_provider 1;
    listen 127.0.0.1:${port};
    location / {
        auth_request /_oidc_auth;
        error_page 401 = @do_oidc_flow;
        proxy_pass http://my_backend;
    }
}`;

onEachTarget('back-channel logout', (nginx) => {
  let otherPort = 0;
  beforeAll(async () => {
    otherPort = await freePort();
  });
  const scene = useScene(nginx, (issuer) => ({
    workers: 4,
    http: server(otherPort, issuer, 'other-client'),
  }));

  const claims = (changes: Record<string, unknown>) =>
    logoutClaims({ iss: scene.provider.issuer, aud: testClient.id }, changes);
  /** What a provider sends: no browser, no cookies. */
  const send = (token: string, { url = scene.site.url, ...options } = {}) =>
    scene.browser().xhr(`${url}/back_channel_logout`, {
      method: 'POST',
      form: { logout_token: token },
      headers: { 'sec-fetch-site': undefined, 'sec-fetch-mode': undefined, 'sec-fetch-dest': undefined },
      ...options,
    });
  const logOut = async (changes: Record<string, unknown>, header = {}, url = scene.site.url) =>
    send(await scene.provider.logoutToken(claims(changes), header), { url });
  const lastSid = () => String(scene.provider.issued.at(-1)?.sid);
  const status = async (agent: Agent, url = scene.site.url) => (await agent.xhr(`${url}/`)).status;
  const person = async (sub = 'alice', url = scene.site.url) => {
    const agent = scene.browser();
    scene.provider.does.user = { ...scene.provider.does.user, sub };
    expect((await agent.navigate(`${url}/`)).status).toBe(200);
    return { agent, sid: lastSid() };
  };
  const statuses = (people: { agent: Agent }[]) => Promise.all(people.map(({ agent }) => status(agent)));
  const withSid = (sid: unknown) => {
    scene.provider.does.idToken = (idToken) => ({ ...idToken, sid });
  };

  it('ends the session of the sid for every worker, and the browser signs in again', async () => {
    const { agent, sid } = await person();
    const answer = await logOut({ sid });
    expect([answer.status, answer.text, answer.headers['cache-control'], answer.setCookies]).toEqual([
      200,
      '',
      'no-store',
      [],
    ]);
    const parallel = await Promise.all(Array.from({ length: 20 }, () => status(agent)));
    expect([...new Set(parallel)]).toEqual([401]);
    expect((await agent.navigate(`${scene.site.url}/page`)).status).toBe(200);
    expect(await status(agent)).toBe(200);
  });

  it('of a person ends the sessions of all browsers within a second, and of nobody else', async () => {
    const alice = [await person(), await person(), await person()];
    const bob = [await person('bob')];
    const begin = Date.now();
    expect((await logOut({ sub: 'alice' })).status).toBe(200);
    expect(await statuses(alice)).toEqual([401, 401, 401]);
    expect(Date.now() - begin).toBeLessThan(1000);
    expect(await statuses(bob)).toEqual([200]);
    expect(await statuses([await person()])).toEqual([200]); // who may come back
  });

  it('ends them all although they began at the same moment, on several workers', async () => {
    withSid('one-session-at-the-provider');
    const people = Array.from({ length: 12 }, () => ({ agent: scene.browser() }));
    await Promise.all(people.map(({ agent }) => agent.navigate(`${scene.site.url}/`)));
    expect([...new Set(await statuses(people))]).toEqual([200]);
    await logOut({ sub: 'alice' });
    expect([...new Set(await statuses(people))]).toEqual([401]);
  });

  it('with sid and sub ends the sid alone', async () => {
    const [one, two] = [await person(), await person()];
    await logOut({ sid: one.sid, sub: 'alice' });
    expect(await statuses([one, two])).toEqual([401, 200]);
  });

  it('ends a session without sid by its sub, and one whose sid could be guessed by that', async () => {
    withSid(undefined);
    const without = await person();
    withSid('17');
    const guessable = await person('bob');
    await logOut({ sub: 'alice' });
    await logOut({ sid: '17' });
    expect(await statuses([without, guessable])).toEqual([401, 401]);
  });

  it('says the same where there was no session', async () => {
    const known = await logOut({ sid: (await person()).sid });
    const unknown = await logOut({ sid: 'nobody-has-this-one' });
    const nobody = await logOut({ sub: 'nobody' });
    for (const answer of [unknown, nobody]) {
      expect([answer.status, answer.text, Object.keys(answer.headers)]).toEqual([
        known.status,
        known.text,
        Object.keys(known.headers),
      ]);
    }
  });

  it('is not undone by a renewal that is under way', async () => {
    scene.provider.does.expiresIn = 2;
    const { agent, sid } = await person();
    await sleep(2100);
    const secret = await cookieOf(agent, scene.site.url, 'auth_token');
    scene.provider.does.delays['/token'] = 1000;
    const waiting = Array.from({ length: 8 }, () => status(agent));
    await waitUntil('a renewal is under way', () => scene.provider.grants('refresh_token').length === 1);
    expect((await logOut({ sid })).status).toBe(200);
    expect([...new Set(await Promise.all(waiting))]).toEqual([401]);
    const key = sessionKey(String(secret), testScope(scene.provider.issuer));
    const left = async () =>
      (await scene.store()).flatMap(([entry, value]) =>
        `${entry} ${value}`.includes(key) && !entry.startsWith('u:') ? [entry] : [],
      );
    await vi.waitFor(async () => expect(await left()).toEqual([`x:${key}`]), 3000);
    await sleep(200);
    expect(await left()).toEqual([`x:${key}`]);
  });

  it('leaves the sessions of another client alone, although provider, person and sid are the same', async () => {
    withSid('one-session-at-the-provider');
    const there = `http://127.0.0.1:${otherPort}`;
    const here = await person();
    scene.provider.client.id = 'other-client';
    const other = await person('alice', there).finally(() => {
      scene.provider.client.id = testClient.id;
    });
    expect((await logOut({ sub: 'alice', aud: 'other-client' })).status).toBe(400);
    expect((await logOut({ sub: 'alice' }, {}, there)).status).toBe(400);
    expect([await status(here.agent), await status(other.agent, there)]).toEqual([200, 200]);
    await logOut({ sub: 'alice' });
    expect([await status(here.agent), await status(other.agent, there)]).toEqual([401, 200]);
    await logOut({ sid: 'one-session-at-the-provider', aud: 'other-client' }, {}, there);
    expect(await status(other.agent, there)).toBe(401);
  });

  it('is good for one time over all workers', async () => {
    const { agent, sid } = await person();
    const token = await scene.provider.logoutToken(claims({ sid }));
    const answers = await Promise.all(Array.from({ length: 16 }, () => send(token)));
    expect(answers.map((answer) => answer.status).sort()).toEqual([200, ...Array.from({ length: 15 }, () => 400)]);
    expect(await status(agent)).toBe(401);
    withSid(sid);
    await person();
    const replayed = await send(token);
    expect([replayed.status, replayed.json<Record<string, unknown>>().error]).toEqual([400, 'invalid_request']);
  });

  it('takes the keys that the provider has now', async () => {
    const { agent, sid } = await person();
    scene.provider.rotateKeys();
    expect((await logOut({ sid })).status).toBe(200);
    expect(await status(agent)).toBe(401);
  });

  it('may be a large form of 60 KB, but not a larger one', async () => {
    const { agent, sid } = await person();
    const token = await scene.provider.logoutToken(claims({ sid, more: 'x'.repeat(40_000) }));
    expect(token.length).toBeGreaterThan(50_000);
    const post = (padding: number) =>
      scene.browser().xhr(`${scene.site.url}/back_channel_logout`, {
        method: 'POST',
        form: { padding: 'x'.repeat(padding), logout_token: token },
      });
    scene.site.nginx.expectLog(/client intended to send too large body/);
    expect((await post(20_000)).status).toBe(413);
    expect(await status(agent)).toBe(200);
    expect((await post(1000)).status).toBe(200);
    expect(await status(agent)).toBe(401);
  });

  it('may come in many pieces, without a length', async () => {
    const { agent, sid } = await person();
    const form = `logout_token=${await scene.provider.logoutToken(claims({ sid, more: 'x'.repeat(20_000) }))}`;
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const got = await new Promise<number | undefined>((resolve, reject) => {
      const sending = request(`${scene.site.url}/back_channel_logout`, { method: 'POST', headers }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      sending.on('error', reject);
      for (let at = 0; at < form.length; at += 5000)
        setTimeout(() => sending.write(form.slice(at, at + 5000)), at / 100);
      setTimeout(() => sending.end(), form.length / 100 + 50);
    });
    expect(got).toBe(200);
    expect(await status(agent)).toBe(401);
  });

  it('refuses what does not hold, says so in JSON, and ends nothing', async () => {
    const { agent, sid } = await person();
    const { provider } = scene;
    const proper = await provider.logoutToken(claims({ sid, sub: 'alice' }));
    const stranger = (await signingKey('RS256', 77)).privateKey;
    const now = Math.floor(Date.now() / 1000);
    const wrong: [string, string][] = [
      ['unsigned', unsigned(proper)],
      ['a broken signature', brokenSignature(proper)],
      ['the key of a stranger', resigned(proper, stranger)],
      ['the client secret', resigned(proper, testClient.secret, { alg: 'HS256' })],
      ['an ID token', String(provider.issued.at(-1)?.idToken)],
    ];
    const changes: Record<string, unknown>[] = [
      { iss: `${provider.issuer}/` },
      { aud: 'other' },
      { iat: now - 700 },
      { exp: now - 40 },
      { exp: undefined },
      { events: { 'http://schemas.openid.net/event/foo': {} } },
      { events: undefined },
      { events: { [logoutEvent]: 'yes' } },
      { nonce: 'N' },
      { jti: undefined },
      { sid: undefined, sub: undefined },
    ];
    for (const change of changes) {
      wrong.push([JSON.stringify(change), await provider.logoutToken(claims({ sid, sub: 'alice', ...change }))]);
    }
    wrong.push(['typ at+jwt', await provider.logoutToken(claims({ sid }), { typ: 'at+jwt' })]);
    for (const [name, token] of wrong) {
      const answer = await send(token);
      expect([name, answer.status, answer.headers['content-type'], answer.headers['cache-control']]).toEqual([
        name,
        400,
        'application/json',
        'no-store',
      ]);
      expect(answer.json<Record<string, unknown>>().error).toBe('invalid_request');
    }
    for (const options of [{ method: 'GET', form: undefined }, { method: 'PUT' }]) {
      expect((await send(proper, options as object)).status).toBe(405);
    }
    expect(await status(agent)).toBe(200);
    expect((await send(proper)).status).toBe(200);
    const log = scene.site.nginx.errorLog();
    expect(log.match(/js: oidc: logout_invalid /g)?.length).toBeGreaterThanOrEqual(wrong.length);
    for (const secret of [sid, proper, ...wrong.map(([, token]) => token)]) expect(log).not.toContain(secret);
  });

  it('by the hundred for nobody leaves no more than what a replay is told by', async () => {
    const before = (await scene.store()).map(([key]) => key);
    for (let n = 0; n < 100; n++) expect((await logOut({ sid: `nobody-has-this-one-${n}` })).status).toBe(200);
    const more = (await scene.store()).map(([key]) => key).filter((key) => !before.includes(key));
    expect(more.map((key) => key.slice(0, 2))).toEqual(Array.from({ length: 100 }, () => 'j:'));
  });
});

onEachTarget('back-channel logout by oidc-provider', (nginx) => {
  useNginx();
  let provider: RunningProvider;
  let application: EchoApplication;
  let site: Site;
  const agents: Agent[] = [];

  beforeAll(async () => {
    application = await startEchoApplication();
    const port = await freePort();
    const client = {
      ...demoClient(`http://127.0.0.1:${port}`),
      backchannel_logout_uri: `http://127.0.0.1:${port}/back_channel_logout`,
      backchannel_logout_session_required: true,
    };
    provider = await startProvider({
      port: 0,
      clients: [client],
      callsLocalAddresses: true,
      overrides: { features: { backchannelLogout: { enabled: true } } },
    });
    site = await startSite({
      nginx,
      port,
      issuer: provider.issuer,
      application: application.address,
      changes: { set: { oidc_client: client.client_id, oidc_client_secret: client.client_secret ?? '' } },
      workers: 2,
    });
  });
  afterAll(async () => {
    await Promise.all(agents.map((agent) => agent.close()));
    await provider.stop();
    await application.stop();
  });

  it('ends the session of whoever signs out at the provider, and of nobody else', async () => {
    const [alice, bob] = [createAgent(), createAgent()];
    agents.push(alice, bob);
    for (const agent of [alice, bob]) expect((await signIn(agent, `${site.url}/`)).status).toBe(200);
    const form = await alice.navigate(`${provider.issuer}/session/end`);
    const xsrf = /name="xsrf" value="([^"]+)"/.exec(form.text)?.[1] ?? '';
    await alice.post(`${provider.issuer}/session/end/confirm`, { xsrf, logout: 'yes' });
    await vi.waitFor(async () => expect((await alice.xhr(`${site.url}/`)).status).toBe(401), 1000);
    expect((await bob.xhr(`${site.url}/`)).status).toBe(200);
  });
});
