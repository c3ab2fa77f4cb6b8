import { createServer, type Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import { siteOf } from '../../src/session/session-id';
import { type Agent, createAgent } from '../support/agent';
import { type EchoApplication, startEchoApplication } from '../support/echo-application';
import { freePort } from '../support/free-port';
import { type MisbehavingProvider, startMisbehavingProvider } from '../support/misbehaving-provider';
import { onEachTarget, useNginx } from '../support/nginx';
import { type Site, type SiteOptions, startSite, testClient, testHmacKey, testScope } from '../support/site';

// location = /_oidc_auth and the server of frontend.conf that answers it.

onEachTarget('the gate', (nginx) => {
  useNginx();
  let provider: MisbehavingProvider;
  let application: EchoApplication;
  let site: Site;
  const agents: Agent[] = [];
  const others: Server[] = [];

  afterEach(async () => {
    await Promise.all(agents.splice(0).map((agent) => agent.close()));
    await Promise.all([provider, application, site].map((part) => part?.stop()));
    for (const server of others.splice(0)) server.close();
  });

  async function start(options: Partial<SiteOptions> = {}) {
    provider = await startMisbehavingProvider();
    application = await startEchoApplication();
    site = await startSite({ nginx, issuer: provider.issuer, application: application.address, ...options });
  }

  function browser(): Agent {
    const agent = createAgent();
    agents.push(agent);
    return agent;
  }

  const cookieOf = async (agent: Agent) =>
    (await agent.cookies(site.url))
      .filter(({ key }) => key === 'auth_token')
      .map((cookie) => cookie.cookieString())
      .join('; ');
  const header = async (agent: Agent, name: string) =>
    (await agent.get(`${site.url}/`)).json<{ headers: Record<string, string> }>().headers[name];

  it('tells nothing and changes nothing for somebody else on the machine, not even with a cookie', async () => {
    const gatePort = await freePort();
    await start({ gatePort });
    const agent = browser();
    await agent.navigate(`${site.url}/`);
    const cookie = await cookieOf(agent);
    const { site: ours } = testScope(provider.issuer);
    const ask = (path: string, headers: Record<string, string>, method = 'GET') =>
      fetch(`http://127.0.0.1:${gatePort}${path}`, { method, headers });
    const realm = `${testClient.id} ${provider.issuer} `;
    for (const named of [
      undefined,
      '',
      `http ${realm}`,
      `http ${siteOf(realm, 'guessed-key-of-the-site-0123456789')}`,
      `http ${siteOf(realm, testHmacKey.slice(0, -1))}`,
      `${ours}`,
    ].map((name) => name && `${name}\t\t\t\t .`)) {
      const answer = await ask('/_oidc_auth', { cookie, ...(named === undefined ? {} : { 'oidc-site': named }) });
      expect([answer.status, await answer.text()], named).toEqual([401, '']);
      expect([...answer.headers.keys()].filter((name) => /oidc|jwt|token/.test(name))).toEqual([]);
    }
    const unfinished = await ask('/_oidc_auth', { cookie, 'oidc-site': `http ${ours}` });
    expect([unfinished.status, await unfinished.text()]).toEqual([409, '']);
    expect([...unfinished.headers.keys()].filter((name) => /oidc|jwt|token/.test(name))).toEqual([]);
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
      expect((await ask('/_oidc_auth', { cookie }, method)).status).toBe(401);
    }
    for (const path of ['/', '/_codexch', '/logout', '/_oidc_check', '/_token', '/../_oidc_auth/x']) {
      expect((await ask(path, { cookie, 'oidc-site': `http ${ours}` })).status, path).toBe(404);
    }
    expect((await agent.get(`${site.url}/`)).status).toBe(200);
  });

  it('is asked with what NGINX says alone: no header of a client reaches it', async () => {
    await start();
    const agent = browser();
    await agent.navigate(`${site.url}/`);
    const headers = { 'oidc-site': `http ${siteOf('other  ', 'key')}`, upgrade: 'x', connection: 'close' };
    expect((await agent.get(`${site.url}/`, { headers: { 'oidc-site': headers['oidc-site'] } })).status).toBe(200);
    expect((await browser().xhr(`${site.url}/`, { headers: { 'oidc-site': headers['oidc-site'] } })).status).toBe(401);
  });

  it('lets every method and body through to the application', async () => {
    await start();
    const agent = browser();
    await agent.navigate(`${site.url}/`);
    for (const [method, body] of [
      ['POST', 'x=1'],
      ['PUT', 'x'.repeat(200_000)],
      ['PATCH', ''],
      ['DELETE', undefined],
    ] as const) {
      const answer = await agent.xhr(`${site.url}/form`, { method, ...(body === undefined ? {} : { body }) });
      expect(answer.json()).toMatchObject({ method, bodyBytes: body?.length ?? 0 });
    }
  });

  it.each([
    ['text of every script', 'Zoë Ω 愛 "quoted" \\ a=b; c, d'],
    ['7,000 bytes, which fit into its answer', 'g'.repeat(7000)],
    ['8,000 bytes, which do not', 'g'.repeat(8000)],
    ['nothing', ''],
  ])('hands on a claim of %s as it is', async (_name, value) => {
    await start();
    provider.does.idToken = (claims) => ({ ...claims, name: value });
    const agent = browser();
    await agent.navigate(`${site.url}/`);
    const received = (await header(agent, 'x-name')) ?? '';
    expect(Buffer.from(received, 'latin1').toString()).toBe(value);
  });

  it('fills a variable that js_var declares as well as one of auth_request_set, and the tokens', async () => {
    for (const declare of [
      (name: string) => `js_var $${name};`,
      (name: string) => `auth_request_set $${name} $sent_http_${name};`,
      (name: string) => `js_var $${name}; auth_request_set $${name} $sent_http_${name};`,
    ]) {
      await start({
        http: ['oidc_claim_department', 'access_token', 'id_token', 'oidc_session_expires'].map(declare).join('\n'),
        changes: {
          proxyHeaders: {
            'X-Department': '$oidc_claim_department',
            'X-Access': '$access_token',
            'X-Id': '$id_token',
            'X-Expires': '$oidc_session_expires',
          },
        },
      });
      provider.does.idToken = (claims) => ({ ...claims, department: 'Forschung & Entwicklung' });
      const agent = browser();
      await agent.navigate(`${site.url}/`);
      for (const _ of [1, 2, 3]) {
        const { headers } = (await agent.get(`${site.url}/`)).json<{ headers: Record<string, string> }>();
        expect(headers).toMatchObject({ 'x-department': 'Forschung & Entwicklung', username: 'alice' });
        expect(headers['x-access']).toBe(provider.issued.at(-1)?.accessToken);
        expect(headers['x-id']?.split('.')).toHaveLength(3);
        expect(Number(headers['x-expires'])).toBeGreaterThan(Date.now() / 1000);
      }
      await Promise.all([provider, application, site].map((part) => part.stop()));
    }
  });

  it('passes on an access token that is larger than its own answer may be', async () => {
    await start({
      changes: { variables: ['access_token'], proxyHeaders: { Authorization: 'Bearer $access_token' } },
      editFrontend: (conf) =>
        conf.replace(
          'proxy_pass http://my_backend',
          'proxy_buffer_size 64k; proxy_buffers 8 64k; proxy_pass http://my_backend',
        ),
    });
    provider.does.tokens = (body) => ({ ...body, access_token: 't'.repeat(12_000) });
    provider.does.idToken = (claims) => ({ ...claims, at_hash: undefined });
    const agent = browser();
    await agent.navigate(`${site.url}/`);
    expect(await header(agent, 'authorization')).toBe(`Bearer ${'t'.repeat(12_000)}`);
  });

  it('knows at once in all of 4 workers that somebody signed out, whatever it kept', async () => {
    await start({ workers: 4 });
    for (let round = 0; round < 5; round++) {
      const agent = browser();
      await agent.navigate(`${site.url}/`);
      const cookie = await cookieOf(agent);
      const fresh = Array.from({ length: 24 }, () => browser());
      const ask = (each: Agent) => each.xhr(`${site.url}/`, { headers: { cookie } }).then(({ status }) => status);
      expect(new Set(await Promise.all([...fresh, ...fresh].map(ask)))).toEqual(new Set([200]));
      await agent.get(`${site.url}/logout`);
      expect(new Set(await Promise.all([...fresh, ...fresh].map(ask)))).toEqual(new Set([401]));
    }
  });

  it('loses no request over ten reloads under load, and asks with the new configuration afterwards', async () => {
    await start({ workers: 4 });
    const agent = browser();
    await agent.navigate(`${site.url}/`);
    const cookie = await cookieOf(agent);
    const statuses = new Map<number, number>();
    let going = true;
    const visitors = Array.from({ length: 8 }, async () => {
      while (going) {
        const each = createAgent(); // a connection of its own: those that a reload closes are the client's to open again
        const { status } = await each.xhr(`${site.url}/`, { headers: { cookie, connection: 'close' } });
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        await each.close();
      }
    });
    for (let reload = 0; reload < 10; reload++) {
      await site.nginx.reload();
      await sleep(50);
    }
    going = false;
    await Promise.all(visitors);
    expect([...statuses.keys()]).toEqual([200]);
  });

  it.each<[string, (port: number) => Promise<void>]>([
    ['nobody listens', async () => {}],
    ['the connection ends without an answer', (port) => listen(port, (socket) => socket.destroy())],
    ['the answer is cut off', (port) => listen(port, (socket) => socket.end('HTTP/1.1 204 No Content\r\nx: '))],
    ['the answer is a page', (port) => listen(port, (socket) => socket.end('HTTP/1.1 403 No\r\n\r\nno'))],
  ])('that cannot be asked lets nobody in, and says so on the page and in the log: %s', async (_name, instead) => {
    const elsewhere = await freePort();
    await start({
      editFrontend: (conf) => conf.replace(/(upstream oidc_gate \{\s+server) [^;]+/, `$1 127.0.0.1:${elsewhere}`),
    });
    await instead(elsewhere);
    site.nginx.expectLog(/oidc: gate_unavailable|subrequest: "\/_oidc_auth"/);
    const page = await browser().get(`${site.url}/`);
    expect([page.status, page.text]).toEqual([503, expect.stringContaining('Reference')]);
    expect(application.requests).toEqual([]);
    const script = await browser().xhr(`${site.url}/`);
    expect([script.status, script.json()]).toEqual([503, { error: 'gate_unavailable' }]);
    expect(site.nginx.errorLog()).toMatch(/oidc: gate_unavailable .*upstream oidc_gate/);
  });

  it('lets nobody in on an answer that is no HTTP, which NGINX itself refuses', async () => {
    const elsewhere = await freePort();
    await start({
      editFrontend: (conf) => conf.replace(/(upstream oidc_gate \{\s+server) [^;]+/, `$1 127.0.0.1:${elsewhere}`),
    });
    await listen(elsewhere, (socket) => socket.end('nonsense\r\n\r\n'));
    site.nginx.expectLog(/auth request unexpected status|subrequest: "\/_oidc_auth"|no valid HTTP/);
    expect((await browser().get(`${site.url}/`)).status).toBe(500);
    expect(application.requests).toEqual([]);
  });

  function listen(port: number, serve: (socket: import('node:net').Socket) => void): Promise<void> {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => serve(socket));
    });
    others.push(server);
    return new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
  }

  it('lets nobody in whose question finds no connection left', async () => {
    await start({ workers: 1, connections: 40 });
    const agent = browser();
    await agent.navigate(`${site.url}/`);
    const cookie = await cookieOf(agent);
    site.nginx.expectLog(
      /worker_connections are not enough|oidc: gate_unavailable|subrequest: "\/_oidc_auth"|my_backend|upstream/,
    );
    const strangers = Array.from({ length: 60 }, () => browser());
    const statuses = await Promise.all(
      strangers.map((each) =>
        each.xhr(`${site.url}/`, { headers: { cookie: `${cookie}x` } }).then(
          ({ status }) => status,
          () => 0,
        ),
      ),
    );
    expect(statuses.filter((status) => ![401, 503, 500, 0].includes(status))).toEqual([]);
    expect((await agent.get(`${site.url}/`)).status, 'afterwards').toBe(200);
  });
});
