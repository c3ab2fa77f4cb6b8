import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Finding } from '../../src/check/finding';
import { sessionKey } from '../../src/session/session-id';
import { cookieOf, useScene } from '../security/site';
import { type Agent, createAgent, signIn } from '../support/agent';
import { demoClient, type RunningProvider, startProvider } from '../support/demo-parts';
import { type Echo, type EchoApplication, startEchoApplication } from '../support/echo-application';
import { freePort, freePorts, onEachTarget, useNginx } from '../support/nginx';
import { waitUntil } from '../support/processes';
import { type Site, startSite, testClient, testHmacKey, testScope } from '../support/site';

const withCheck = (conf: string) =>
  conf.replace(/^# location = \/_oidc_check \{\n(?:# .*\n)*?# \}/m, (block) => block.replaceAll(/^# /gm, ''));

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

onEachTarget('front-channel logout', (nginx) => {
  const ports = { sameClient: 0, otherClient: 0 };
  beforeAll(async () => {
    const [sameClient = 0, otherClient = 0] = await freePorts(2);
    Object.assign(ports, { sameClient, otherClient });
  });
  const scene = useScene(nginx, (issuer) => ({
    workers: 4,
    changes: { alsoSet: { oidc_session_timeout: '2592000' } },
    editServer: (conf) => `${withCheck(conf)}\nadd_header X-Frame-Options DENY always;\n`,
    http: server(ports.sameClient, issuer, testClient.id) + server(ports.otherClient, issuer, 'other-client'),
  }));
  const urlOf = (port: number) => `http://127.0.0.1:${port}`;

  /** The frame of the provider's page: what a browser sends that keeps cookies from frames of other sites. */
  const frame = (query: string | Record<string, string>, { url = scene.site.url, method = 'GET' } = {}) => {
    const text = typeof query === 'string' ? query : new URLSearchParams(query).toString();
    const headers = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' };
    return scene.browser().get(`${url}/front_channel_logout?${text}`, { method, headers });
  };
  /** The `sid` of whoever signed in last. */
  const lastSid = () => String(scene.provider.issued.at(-1)?.sid);
  const status = async (agent: Agent, url = scene.site.url) => (await agent.xhr(`${url}/`)).status;
  const person = async (url = scene.site.url) => {
    const agent = scene.browser();
    expect((await agent.navigate(`${url}/`)).status).toBe(200);
    return { agent, sid: lastSid() };
  };
  const withSid = (sid: unknown) => {
    scene.provider.does.idToken = (claims) => ({ ...claims, sid });
  };
  const links = async () => (await scene.store()).filter(([key]) => key.startsWith('p:')).length;

  it('ends the session that iss and sid name, for every worker, and the browser signs in again', async () => {
    const { agent, sid } = await person();
    const answer = await frame({ iss: scene.provider.issuer, sid });
    expect([answer.status, answer.text]).toEqual([200, 'Logout successful']);
    const parallel = await Promise.all(Array.from({ length: 20 }, () => status(agent)));
    expect([...new Set(parallel)]).toEqual([401]);
    const page = await agent.get(`${scene.site.url}/page`);
    expect([page.status, String(page.headers.location)]).toEqual([302, expect.stringContaining('/authorize?')]);
    const again = await agent.navigate(`${scene.site.url}/page`);
    expect([again.status, again.url]).toEqual([200, `${scene.site.url}/page`]);
    expect(await status(agent)).toBe(200);
  });

  it('takes sid alone, because there is one issuer', async () => {
    const { agent, sid } = await person();
    await frame({ sid });
    expect(await status(agent)).toBe(401);
  });

  it('takes &amp; for &, which pages send that escape the address inside a script', async () => {
    const { agent, sid } = await person();
    const answer = await frame(`iss=${encodeURIComponent(scene.provider.issuer)}&amp;sid=${sid}`);
    expect([answer.status, await status(agent)]).toEqual([200, 401]);
  });

  it('answers what a frame can show and nothing stores, also where the site forbids frames', async () => {
    const answer = await frame({ sid: 'none-that-is-known-here' });
    expect(answer.headers).toMatchObject({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
    expect(answer.headers['x-frame-options']).toBeUndefined();
    expect(answer.headers['content-security-policy']).toBeUndefined();
    expect(answer.setCookies).toEqual([]);
    expect((await scene.agent.get(`${scene.site.url}/_logout`)).headers['x-frame-options']).toBe('DENY');
  });

  it('leaves other people alone, and tells nobody whether a session was there', async () => {
    const [alice, bob] = [await person(), await person()];
    const known = await frame({ sid: alice.sid });
    const unknown = await frame({ sid: alice.sid });
    expect([unknown.status, unknown.text]).toEqual([known.status, known.text]);
    expect(Object.keys(unknown.headers)).toEqual(Object.keys(known.headers));
    expect([await status(alice.agent), await status(bob.agent)]).toEqual([401, 200]);
  });

  it.each([
    ['another issuer', (sid: string, iss: string) => `iss=${iss}.evil.test&sid=${sid}`],
    ['an issuer with a slash more', (sid: string, iss: string) => `iss=${iss}/&sid=${sid}`],
    ['an empty issuer', (sid: string) => `iss=&sid=${sid}`],
    ['two sids', (sid: string) => `sid=${sid}&sid=${sid}`],
    ['two sids, one after &amp;', (sid: string) => `sid=${sid}&amp;sid=${sid}`],
    ['another issuer after &amp;', (sid: string) => `sid=${sid}&amp;iss=https://evil.test`],
    ['two issuers', (sid: string, iss: string) => `iss=${iss}&iss=${iss}&sid=${sid}`],
    ['a broken escape', (sid: string) => `sid=${sid}&x=%zz`],
    ['broken UTF-8', (sid: string) => `sid=${sid}&x=%ff`],
    ['no sid', (_: string, iss: string) => `iss=${iss}`],
    ['an empty sid', () => 'sid='],
    ['nothing', () => ''],
  ])('refuses %s, and ends nothing, not even with the cookie', async (_name, query) => {
    const { agent, sid } = await person();
    const text = query(sid, scene.provider.issuer);
    const answers = [await frame(text), await agent.get(`${scene.site.url}/front_channel_logout?${text}`)];
    expect(answers.map((answer) => [answer.status, answer.setCookies])).toEqual([
      [400, []],
      [400, []],
    ]);
    expect(await status(agent)).toBe(200);
  });

  it.each(['POST', 'HEAD', 'PUT'])('refuses %s', async (method) => {
    const { agent, sid } = await person();
    const answer = await frame({ sid }, { method });
    expect([answer.status, answer.headers.allow]).toEqual([405, 'GET']);
    expect(await status(agent)).toBe(200);
  });

  it('ends every session of the sid: a second browser, another host of the client, a tab that signed in again', async () => {
    withSid('one-session-at-the-provider');
    const there = urlOf(ports.sameClient);
    const linked = await links();
    const [first, second, elsewhere] = [await person(), await person(), await person(there)];
    const before = await cookieOf(first.agent, scene.site.url, 'auth_token');
    expect(await links()).toBe(linked + 3);
    const stale = scene.browser();
    await stale.jar.setCookie(`auth_token=${before}; Path=/`, scene.site.url);
    await frame({ sid: 'one-session-at-the-provider' });
    expect([await status(first.agent), await status(second.agent), await status(stale)]).toEqual([401, 401, 401]);
    expect(await status(elsewhere.agent, there)).toBe(401);
    expect(await links()).toBe(linked);
  });

  it('ends them all although they began at the same moment, on several workers', async () => {
    withSid('one-session-at-the-provider');
    const linked = await links();
    const browsers = Array.from({ length: 12 }, () => scene.browser());
    await Promise.all(browsers.map((agent) => agent.navigate(`${scene.site.url}/`)));
    expect(await Promise.all(browsers.map((agent) => status(agent)))).toEqual(browsers.map(() => 200));
    expect(await links()).toBe(linked + browsers.length);
    await frame({ sid: 'one-session-at-the-provider' });
    expect(await Promise.all(browsers.map((agent) => status(agent)))).toEqual(browsers.map(() => 401));
  });

  it('ends a session, too, that a sign-in in another tab has just replaced', async () => {
    withSid('one-session-at-the-provider');
    const { agent } = await person();
    const old = await cookieOf(agent, scene.site.url, 'auth_token');
    const headers = { cookie: `auth_token=${old}` };
    const start = await scene.browser().get(`${scene.site.url}/tab`);
    const login = start.setCookies.map((line) => line.split(';')[0]).join('; ');
    const back = await scene.browser().get(String(start.headers.location));
    const both = { cookie: `${login}; auth_token=${old}` };
    expect((await scene.browser().get(String(back.headers.location), { headers: both })).status).toBe(302);
    expect((await scene.browser().xhr(`${scene.site.url}/`, { headers })).status).toBe(200); // for half a minute
    await frame({ sid: 'one-session-at-the-provider' });
    expect((await scene.browser().xhr(`${scene.site.url}/`, { headers })).status).toBe(401);
  });

  it('leaves the session of another client alone, although provider and sid are the same', async () => {
    withSid('one-session-at-the-provider');
    const there = urlOf(ports.otherClient);
    const here = await person();
    scene.provider.client.id = 'other-client';
    const other = await person(there).finally(() => {
      scene.provider.client.id = testClient.id;
    });
    await frame({ sid: 'one-session-at-the-provider' });
    expect([await status(here.agent), await status(other.agent, there)]).toEqual([401, 200]);
    await frame({ sid: 'one-session-at-the-provider' }, { url: there });
    expect(await status(other.agent, there)).toBe(401);
  });

  it('is not undone by a renewal that is under way', async () => {
    scene.provider.does.expiresIn = 2;
    const { agent, sid } = await person();
    await sleep(2100);
    const secret = await cookieOf(agent, scene.site.url, 'auth_token');
    scene.provider.does.delays['/token'] = 1000;
    const waiting = Array.from({ length: 8 }, () => status(agent));
    await waitUntil('a renewal is under way', () => scene.provider.grants('refresh_token').length === 1);
    expect((await frame({ sid })).status).toBe(200);
    expect([...new Set(await Promise.all(waiting))]).toEqual([401]);
    expect(await status(agent)).toBe(401);
    const key = sessionKey(String(secret), testScope(scene.provider.issuer));
    const left = async () =>
      (await scene.store()).flatMap(([entry, value]) =>
        `${entry} ${value}`.includes(key) && !entry.startsWith('u:') ? [entry] : [],
      );
    await vi.waitFor(async () => expect(await left()).toEqual([`x:${key}`]), 3000); // the tombstone, once that is over
    await sleep(200);
    expect(await left()).toEqual([`x:${key}`]);
  });

  it('ends a session whose tokens were renewed', async () => {
    scene.provider.does.expiresIn = 2;
    const { agent, sid } = await person();
    await sleep(2100);
    scene.provider.does.expiresIn = 300;
    expect(await status(agent)).toBe(200);
    expect(scene.provider.grants('refresh_token')).toHaveLength(1);
    await frame({ sid });
    expect(await status(agent)).toBe(401);
  });

  describe('by a sid that could be guessed', () => {
    it.each(['7', 'session-1', '123456789012345678', 'S-1-5-21-3623811015-3361044348-30300820-1013'])(
      '%s ends nothing without the cookie, with that of somebody else, or by a link',
      async (sid) => {
        withSid(sid);
        const [victim, other] = [await person(), await person()];
        withSid('another-sid-than-theirs');
        const stranger = await person();
        const query = `${scene.site.url}/front_channel_logout?sid=${sid}`;
        const answers = [
          await frame({ sid, iss: scene.provider.issuer }),
          await stranger.agent.get(query, { headers: { 'sec-fetch-site': 'same-site' } }),
          await victim.agent.get(query, { from: 'http://evil.test/page' }),
        ];
        for (const answer of answers) expect([answer.status, answer.setCookies]).toEqual([200, []]);
        for (const { agent } of [victim, other, stranger]) expect(await status(agent)).toBe(200);
        // a provider on a neighbouring host: the frame brings the cookie
        const own = await victim.agent.get(query, { headers: { 'sec-fetch-site': 'same-site' } });
        expect(own.setCookies).toEqual(['auth_token=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0']);
        expect([await status(victim.agent), await status(other.agent)]).toEqual([401, 200]);
      },
    );
  });

  it('takes the cookie back where it comes along', async () => {
    const { agent, sid } = await person();
    const answer = await agent.get(`${scene.site.url}/front_channel_logout?sid=${sid}`);
    expect(answer.setCookies).toEqual(['auth_token=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0']);
    const { agent: other } = await person();
    const { sid: theirs } = await person();
    expect((await other.get(`${scene.site.url}/front_channel_logout?sid=${theirs}`)).setCookies).toEqual([]);
    expect(await status(other)).toBe(200);
  });

  it('of a session without sid ends nothing', async () => {
    const linked = await links();
    for (const sid of [undefined, '', 7, ['a-list-with-one-session']]) {
      withSid(sid);
      const { agent } = await person();
      for (const text of [String(sid), 'undefined', '7', 'a-list-with-one-session']) await frame({ sid: text });
      expect(await status(agent)).toBe(200);
    }
    expect(await links()).toBe(linked);
  });

  it('finds nothing more after an ordinary sign-out, which takes the link away', async () => {
    const linked = await links();
    const { agent, sid } = await person();
    expect(await links()).toBe(linked + 1);
    expect((await agent.get(`${scene.site.url}/logout`)).status).toBe(302);
    expect(await links()).toBe(linked);
    expect((await frame({ sid })).status).toBe(200);
  });

  it('has no sid in the store or in error.log', async () => {
    const { sid } = await person();
    withSid('17');
    await person();
    await frame(`iss=https://evil.test&sid=${sid}`);
    await frame(`sid=${sid}&sid=${sid}`);
    const dump = JSON.stringify(await scene.store());
    expect(dump).toContain('p:');
    expect(dump.includes(sid) || dump.includes('"17"')).toBe(false);
    const log = scene.site.nginx.errorLog();
    expect(log.match(/js: oidc: logout_invalid /g)?.length).toBeGreaterThan(1);
    expect(log).not.toContain(sid);
  });

  it('by the thousand for sids that nobody has leaves no trace in the store', async () => {
    const size = async () => Number((await scene.agent.get(`${scene.site.url}/probe/size`)).text);
    const { agent } = await person();
    const before = await size();
    const flood = scene.browser();
    for (let round = 0; round < 20; round++) {
      const sids = Array.from({ length: 100 }, (_, index) => `${'f'.repeat(20)}-${round}-${index}`);
      await Promise.all(sids.map((sid) => flood.get(`${scene.site.url}/front_channel_logout?sid=${sid}`)));
    }
    expect(await size()).toBe(before);
    expect(await status(agent)).toBe(200);
  });

  it.each(['front', 'back'])(
    '(%s channel) is what /_oidc_check tells to register, where the provider offers it',
    async (channel) => {
      const about = `${channel}-channel logout`;
      const check = async () => {
        const answer = await scene.agent.get(`${scene.site.url}/_oidc_check?format=json`);
        return answer.json<{ findings: Finding[] }>().findings.find((finding) => finding.about === about);
      };
      expect(await check()).toBeUndefined();
      scene.provider.does.metadata = (document) => ({ ...document, [`${channel}channel_logout_supported`]: true });
      expect(await check()).toEqual({
        about,
        state: 'info',
        value: `${scene.site.url}/${channel}_channel_logout`,
        remedy: expect.stringContaining(`${channel}channel_logout_session_required`),
      });
    },
  );

  it('works after a reload, but not after the site became another client', async () => {
    const [one, two] = [await person(), await person()];
    await scene.site.nginx.reload();
    await frame({ sid: one.sid });
    expect([await status(one.agent), await status(two.agent)]).toEqual([401, 200]);
    const path = join(scene.site.nginx.dir, 'conf.d/frontend.conf');
    const conf = readFileSync(path, 'utf8');
    writeFileSync(path, conf.replace(`"${testClient.id}"`, '"renamed-client"'));
    await scene.site.nginx.reload();
    const renamed = [(await frame({ sid: two.sid })).status, await status(two.agent)];
    writeFileSync(path, conf);
    await scene.site.nginx.reload();
    expect(renamed).toEqual([200, 401]);
    expect(await status(two.agent)).toBe(200); // it is still the session of the old name
  });
});

onEachTarget('front-channel logout by oidc-provider', (nginx) => {
  useNginx();
  let provider: RunningProvider;
  let application: EchoApplication;
  const sites: Site[] = [];

  beforeAll(async () => {
    application = await startEchoApplication();
    const ports = [await freePort(), await freePort()];
    const clients = ports.map((port, index) => ({
      ...demoClient(`http://site-${index}.test:${port}`),
      client_id: `client-${index}`,
      // oidc-provider puts `sid` into the ID tokens of clients that want a back-channel logout
      backchannel_logout_uri: `http://127.0.0.1:${port}/_logout`,
      backchannel_logout_session_required: true,
    }));
    provider = await startProvider({
      port: 0,
      clients,
      overrides: { features: { backchannelLogout: { enabled: true } } },
    });
    for (const [index, client] of clients.entries()) {
      const { client_id, client_secret } = client;
      sites.push(
        await startSite({
          nginx,
          port: ports[index] ?? 0,
          issuer: provider.issuer,
          application: application.address,
          changes: {
            set: { oidc_client: client_id, oidc_client_secret: client_secret },
            variables: ['id_token'],
            proxyHeaders: { 'X-Id-Token': '$id_token' },
          },
        }),
      );
    }
  });
  afterAll(() => Promise.all([provider.stop(), application.stop()]));

  it('somebody who signed in to two sites signs out at one, and the frame for the other ends that session', async () => {
    // sites of their own for the browser: cookies know no ports
    const [one, two] = sites.map(({ port }, index) => ({ url: `http://site-${index}.test:${port}` })) as [Site, Site];
    const [alice, bob] = [createAgent(), createAgent()];
    const idToken = (answer: { json<T>(): T }) => String(answer.json<Echo>().headers['x-id-token']);
    const sidIn = (token: string) =>
      JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()).sid as string;
    expect((await signIn(alice, `${one.url}/`)).status).toBe(200);
    const there = await signIn(alice, `${two.url}/`);
    await signIn(bob, `${two.url}/`, 'bob', 'builder');
    expect((await bob.xhr(`${two.url}/`)).status).toBe(200);
    const sid = sidIn(idToken(there));
    expect(sid.length).toBeGreaterThan(15);

    expect((await alice.get(`${one.url}/logout`)).status).toBe(302);
    expect((await alice.xhr(`${two.url}/`)).status).toBe(200);
    const query = new URLSearchParams({ iss: provider.issuer, sid });
    const frame = createAgent();
    expect((await frame.get(`${one.url}/front_channel_logout?${query}`)).status).toBe(200);
    expect((await alice.xhr(`${two.url}/`)).status).toBe(200);
    expect((await frame.get(`${two.url}/front_channel_logout?${query}`)).status).toBe(200);
    expect((await alice.xhr(`${two.url}/`)).status).toBe(401);
    expect((await bob.xhr(`${two.url}/`)).status).toBe(200);
    await Promise.all([alice, bob, frame].map((agent) => agent.close()));
  });
});
