import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Agent, createAgent } from '../support/agent';
import { type Echo, type EchoApplication, startEchoApplication } from '../support/echo-application';
import { type MisbehavingProvider, startMisbehavingProvider } from '../support/misbehaving-provider';
import { freePort, onEachTarget, useNginx } from '../support/nginx';
import { type Site, startSite, testClient, testHmacKey } from '../support/site';

onEachTarget('rules on claims', (nginx) => {
  useNginx();
  let provider: MisbehavingProvider;
  let application: EchoApplication;
  let site: Site;
  let strict: string;
  let byPath: string;
  let agent: Agent;

  const location = (path: string, rule: string, more = '') => `location ${path} {
    set $oidc_require ${rule}; ${more}
    auth_request /_oidc_auth; error_page 401 = @do_oidc_flow;
    proxy_set_header username $jwt_claim_sub; proxy_pass http://my_backend;
  }\n`;

  beforeAll(async () => {
    provider = await startMisbehavingProvider();
    application = await startEchoApplication();
    const [port, mapPort] = [await freePort(), await freePort()];
    byPath = `http://127.0.0.1:${mapPort}`;
    strict = `http://127.0.0.1:${port}`;
    const locations = [
      location('/admins/', '"groups any admins editors; email_verified is true"'),
      location('/staff/', '"groups any staff"'),
      location('/exact/', `'groups any "a,b" "Füße" "say \\\\"hi\\\\"" "Domain Admins"'`),
      location('/nested/', '"realm_access.roles any manager"'),
      location('/userinfo/', '"department is research"'),
      location('/mail/', `'email matches ".+@example\\.com"'`),
      location('/broken/', '"groups contains admins"'),
      location('/blank/', '" "'),
      location('/lines/', '"groups any admins;\n\temail_verified is true"'),
      location('/lines/2/', '"groups any staff\nor groups any admins"'),
      location('/tab/', '"groups\tany\tadmins"'),
      location('/status/403', '"groups any staff"'),
    ].join('');
    site = await startSite({
      nginx,
      issuer: provider.issuer,
      application: application.address,
      changes: { alsoSet: { oidc_userinfo: '1' } },
      editFrontend: (conf) => conf.replace(/\n {4}location \/ \{/, `\n${locations}    location / {`),
      http: `
        map $uri $oidc_require { default ""; ~^/secret/ "groups any admins"; }
        server {
          include conf.d/openid_connect.server_conf;
          set $oidc_issuer "${provider.issuer}"; set $oidc_client "${testClient.id}";
          set $oidc_client_secret "${testClient.secret}"; set $oidc_hmac_key "${testHmacKey}";
          set $oidc_insecure_http_provider 1;
          listen 127.0.0.1:${mapPort};
          auth_request /_oidc_auth; error_page 401 = @do_oidc_flow;
          location / { proxy_pass http://my_backend; location ~ \\.png$ { proxy_pass http://my_backend; } }
        }
        server {
          include conf.d/openid_connect.server_conf;
          set $oidc_issuer "${provider.issuer}"; set $oidc_client "${testClient.id}";
          set $oidc_client_secret "${testClient.secret}"; set $oidc_hmac_key "${testHmacKey}";
          set $oidc_insecure_http_provider 1;
          set $oidc_require "groups any staff";
          listen 127.0.0.1:${port};
          auth_request /_oidc_auth; error_page 401 = @do_oidc_flow;
          location / { proxy_pass http://my_backend; }
          location /admins/ { set $oidc_require "groups any admins"; proxy_pass http://my_backend; }
          location /anybody/ { set $oidc_require "sub exists"; proxy_pass http://my_backend; }
        }`,
    });
  });
  afterAll(async () => {
    await provider.stop();
    await application.stop();
  });
  beforeEach(() => {
    provider.reset();
    application.requests.length = 0;
    agent = createAgent();
    return () => agent.close();
  });

  const be = (claims: Record<string, unknown>) => {
    provider.does.user = { sub: 'alice', ...claims };
  };
  const statusOf = async (path: string, at = site.url) => (await agent.xhr(`${at}${path}`)).status;
  const signIn = async () => expect((await agent.navigate(`${site.url}/`)).status).toBe(200);
  const denials = () => site.nginx.errorLog().match(/oidc: not_allowed ref=.*/g) ?? [];

  it('let in who meets them, to a location each, and nobody else', async () => {
    be({ groups: ['staff', 'admins'], email_verified: true });
    await signIn();
    for (const _ of ['read', 'kept', 'kept']) {
      expect(await Promise.all(['/', '/admins/x', '/staff/', '/nested/'].map((path) => statusOf(path)))).toEqual([
        200, 200, 200, 403,
      ]);
    }
    expect(application.requests.every(({ url }) => url !== '/nested/')).toBe(true);
    expect(application.requests.at(-1)?.headers.username).toBe('alice');
  });

  it('are asked in every order of locations, also in a worker that has let the person into another', async () => {
    be({ groups: ['staff'] });
    await signIn();
    for (let round = 0; round < 8; round++) {
      for (const [path, status] of [
        ['/admins/x', 403],
        ['/staff/', 200],
        ['/', 200],
        ['/admins/y', 403],
      ] as const) {
        expect([path, await statusOf(path)]).toEqual([path, status]);
      }
    }
  });

  it('show a person who does not meet them a page, once, with a way to sign in as somebody else', async () => {
    be({ groups: ['staff'] });
    const page = await agent.navigate(`${site.url}/admins/x`);
    expect(page.status).toBe(403);
    expect(page.trail.filter(({ status }) => status === 302)).toHaveLength(3); // to the provider, back, to the page
    expect(page.text).toContain('You may not open this page');
    expect(page.text).toMatch(/<a href="\/logout">[^<]*somebody else/);
    expect(page.headers['cache-control']).toBe('no-store');
    expect((await agent.get(`${site.url}/admins/x`)).status, 'again: no loop').toBe(403);
    expect((await agent.get(`${site.url}/staff/`)).status, 'the session stays').toBe(200);
  });

  it('answer a script with 403 and JSON, whatever its method', async () => {
    be({ groups: ['staff'] });
    await signIn();
    for (const method of ['GET', 'POST', 'DELETE']) {
      const answer = await agent.xhr(`${site.url}/admins/x`, { method, body: method === 'GET' ? '' : 'x=1' });
      expect([answer.status, answer.json()]).toEqual([403, { error: 'not_allowed' }]);
      expect(answer.headers['content-type']).toBe('application/json');
      expect(answer.setCookies).toEqual([]);
    }
  });

  it('are named in the log with the claim that is missing, without any value of the person', async () => {
    be({ groups: ['secret-group-of-alice'], email: 'alice@private.test' });
    await signIn();
    await statusOf('/admins/');
    await statusOf('/nested/');
    const lines = denials().slice(-2);
    expect(lines[0]).toContain('$oidc_require: groups any admins editors does not hold');
    expect(lines[1]).toContain(
      'realm_access.roles any manager does not hold; not among the person\'s claims: "realm_access.roles"',
    );
    expect(lines.join('')).not.toMatch(/secret-group|private\.test/);
  });

  it.each([
    ['an entry with a comma', ['a,b'], 200],
    ['an entry that is not in ASCII', ['Füße'], 200],
    ['an entry with quotes', ['say "hi"'], 200],
    ['an entry with a space', ['Domain Admins'], 200],
    ['the parts of an entry with a comma', ['a', 'b'], 403],
    ['a text that looks like the joined list', 'x,a,b', 403],
    ['two entries that join to one', ['Domain', 'Admins'], 403],
    ['another case', ['füße'], 403],
    ['a list in a list', [['a,b']], 403],
    ['a name within an object', [{ name: 'a,b' }], 403],
    ['nothing', undefined, 403],
  ])('compare exactly: %s', async (_name, groups, status) => {
    be({ groups });
    await signIn();
    expect(await statusOf('/exact/')).toBe(status);
  });

  it('see claims that no variable is declared for, members of objects, and what only UserInfo says', async () => {
    be({ realm_access: { roles: ['manager'] } });
    provider.does.userinfo = (claims) => ({ ...claims, department: 'research' });
    await signIn();
    expect([await statusOf('/nested/'), await statusOf('/userinfo/'), await statusOf('/mail/')]).toEqual([
      200, 200, 403,
    ]);
  });

  it('believe the ID token where UserInfo says something else', async () => {
    be({ groups: ['staff'] });
    provider.does.userinfo = (claims) => ({ ...claims, groups: ['admins'], email_verified: true });
    await signIn();
    expect([await statusOf('/admins/'), await statusOf('/staff/')]).toEqual([403, 200]);
  });

  it('match a whole text', async () => {
    for (const [email, status] of [
      ['bob@example.com', 200],
      ['bob@example.com.evil.test', 403],
      ['bob@exampleXcom', 403],
    ] as const) {
      be({ email });
      await agent.jar.removeAllCookies();
      await signIn();
      expect([email, await statusOf('/mail/')]).toEqual([email, status]);
    }
  });

  describe('that cannot be read', () => {
    it.each(['/broken/', '/blank/'])('deny, with a line that says where: %s', async (path) => {
      be({ groups: ['staff', 'admins'], email_verified: true });
      await signIn();
      for (const _ of [1, 2]) {
        const answer = await agent.xhr(`${site.url}${path}`);
        expect([answer.status, answer.json()]).toEqual([500, { error: 'config_invalid' }]);
      }
      expect((await agent.get(`${site.url}${path}`)).status).toBe(500);
      const where =
        path === '/blank/'
          ? '$oidc_require cannot be read at character 1, " "'
          : '$oidc_require cannot be read at character 8, "contains admins"';
      expect(site.nginx.errorLog()).toContain(where);
      expect(application.requests.map(({ url }) => url)).not.toContain(path);
      site.nginx.acceptLog();
    });
  });

  it('of several lines, or with tabs, count as a whole', async () => {
    be({ groups: ['admins'] });
    await signIn();
    expect([await statusOf('/lines/'), await statusOf('/lines/2/'), await statusOf('/tab/')]).toEqual([403, 200, 200]);
    be({ groups: ['admins'], email_verified: true });
    await agent.jar.removeAllCookies();
    await signIn();
    expect(await statusOf('/lines/')).toBe(200);
    be({ groups: ['guests'] });
    await agent.jar.removeAllCookies();
    await signIn();
    expect([await statusOf('/lines/'), await statusOf('/lines/2/'), await statusOf('/tab/')]).toEqual([403, 403, 403]);
  });

  it('leave it to the application to answer 403 in its own way', async () => {
    be({ groups: ['staff'] });
    await signIn();
    const answer = await agent.get(`${site.url}/status/403`);
    expect([answer.status, answer.json<Echo & Record<string, unknown>>().url]).toEqual([403, '/status/403']);
  });

  it('of a location count more than that of its server, which counts where a location has none', async () => {
    be({ groups: ['staff'] });
    await signIn();
    for (const _ of ['read', 'kept']) {
      expect(await statusOf('/', strict)).toBe(200);
      expect(await statusOf('/admins/', strict)).toBe(403);
      expect(await statusOf('/anybody/', strict)).toBe(200);
    }
    be({ groups: ['guests'] });
    await agent.jar.removeAllCookies();
    await signIn();
    expect([
      await statusOf('/', strict),
      await statusOf('/admins/', strict),
      await statusOf('/anybody/', strict),
    ]).toEqual([403, 403, 200]);
  });

  it('by a map of $uri hold for every spelling of a path, and in nested locations', async () => {
    be({ groups: ['staff'] });
    await signIn();
    for (const target of [
      '/secret/',
      '//secret/x',
      '/%73ecret/x',
      '/x/../secret/x',
      '/secret/x.png',
      '/secret/?a=.png',
    ]) {
      expect([target, (await agent.xhr(`${byPath}/`, { target })).status]).toEqual([target, 403]);
    }
    expect([
      await statusOf('/', byPath),
      await statusOf('/a.png', byPath),
      await statusOf('/x?/secret/', byPath),
    ]).toEqual([200, 200, 200]);
  });

  it('see what a renewal brought', async () => {
    be({ groups: ['admins'], email_verified: true });
    provider.does.expiresIn = 2;
    provider.does.idTokenLifetime = 2;
    await signIn();
    expect(await statusOf('/admins/')).toBe(200);
    be({ groups: ['staff'] });
    await expect.poll(() => statusOf('/admins/'), { timeout: 10_000 }).toBe(403);
    expect(await statusOf('/staff/')).toBe(200);
  });
});
