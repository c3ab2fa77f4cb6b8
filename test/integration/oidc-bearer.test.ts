import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { useScene } from '../security/site';
import { type Agent, type Answer, createAgent, type Headers } from '../support/agent';
import { demoClient, type RunningProvider, startProvider } from '../support/demo-parts';
import { type Echo, type EchoApplication, startEchoApplication } from '../support/echo-application';
import { freePort, onEachTarget, useNginx } from '../support/nginx';
import { type Site, startSite } from '../support/site';

// location = /_oidc_bearer and what @do_oidc_flow answers to programs.

const locations = `
    location /api/ {
        auth_request /_oidc_bearer;
        error_page 401 = @do_oidc_flow;
        proxy_set_header username      $jwt_claim_sub;
        proxy_set_header X-Groups      $oidc_claim_groups;
        proxy_set_header X-Client      $oidc_claim_client_id;
        proxy_set_header Cookie        $oidc_app_cookies;
        proxy_set_header Authorization "Bearer $access_token";
        proxy_pass http://my_backend;
        location /api/write/ {
            set $oidc_require_scope "orders:read orders:write";
            proxy_set_header username $jwt_claim_sub;
            proxy_pass http://my_backend;
        }
        location /api/opaque/ {
            set $oidc_introspection opaque;
            set $oidc_introspection_ttl 2;
            proxy_set_header username $jwt_claim_sub;
            proxy_pass http://my_backend;
        }
        location /api/always/ {
            set $oidc_introspection always;
            set $oidc_introspection_ttl 1;
            proxy_pass http://my_backend;
        }
        location /api/unkept/ {
            set $oidc_introspection opaque;
            set $oidc_introspection_ttl 0;
            proxy_pass http://my_backend;
        }
        location /api/lenient/ {
            set $oidc_bearer_typ jwt;
            proxy_pass http://my_backend;
        }
        location /api/mapped/ { proxy_pass http://my_backend; }
        location /api/own/ {
            set $oidc_bearer_audience own;
            proxy_pass http://my_backend;
        }
        location /api/ruled/ {
            set $oidc_require "groups any admins; client_id is program";
            proxy_set_header username $jwt_claim_sub;
            proxy_pass http://my_backend;
        }
        location /api/mfa/ {
            set $oidc_acr_values "mfa hwk";
            set $oidc_max_age 100;
            proxy_pass http://my_backend;
        }
        location /api/lines/ {
            set $oidc_require "groups any staff;
              groups any admins";
            proxy_pass http://my_backend;
        }
        location /api/wrong/ {
            set $oidc_bearer_typ anything;
            proxy_pass http://my_backend;
        }
    }
    location /either/ {
        auth_request /_oidc_either;
        error_page 401 = @do_oidc_flow;
        proxy_set_header username $jwt_claim_sub;
        proxy_set_header Authorization $http_authorization;
        proxy_pass http://my_backend;
    }
    location /either/admin/ {
        set $oidc_require "groups any admins";
        auth_request /_oidc_either;
        error_page 401 = @do_oidc_flow;
        proxy_pass http://my_backend;
    }
    location /forgotten/ {
        auth_request /_oidc_bearer;
        proxy_pass http://my_backend;
    }
    location = /probe/tokens { auth_request off; js_content tokens.items; }
    location = /probe/replace { auth_request off; js_content tokens.replace; }
    location /.well-known/oauth-protected-resource { auth_request off; js_content oidc.protectedResource; }
`;

const probe = `
const zone = () => ngx.shared.oidc_tokens;
function items(r) { r.return(200, JSON.stringify(zone().items(100000))); }
function replace(r) {
  zone().items(100000).forEach(function (entry) {
    if (entry[0].startsWith('v:')) zone().set(entry[0], entry[1].replace(r.variables.arg_from, r.variables.arg_to), 60000);
  });
  r.return(204);
}
export default { items, replace };`;

onEachTarget('access tokens', (nginx) => {
  const scene = useScene(nginx, {
    workers: 3,
    http: `js_import tokens from conf.d/tokens.js;
      auth_request_set $oidc_claim_client_id $sent_http_oidc_claim_client_id;
      map $uri $oidc_require_scope { ~^/api/mapped/ orders:map; default ""; }`,
    files: { 'conf.d/tokens.js': probe },
    changes: {
      variables: ['access_token'],
      alsoSet: { oidc_bearer_audience: 'other api', oidc_resource: 'https://app.test/api' },
    },
    editFrontend: (conf) => conf.replace(/^ {4}location \/ \{/m, (line) => locations + line),
  });
  const metadata = 'resource_metadata="https://app.test/.well-known/oauth-protected-resource/api"';
  let agent: Agent;
  beforeEach(() => {
    agent = scene.agent;
  });

  const ask = (path: string, token?: string, headers: Headers = {}) =>
    agent.xhr(scene.site.url + path, {
      headers: { ...(token === undefined ? {} : { authorization: `Bearer ${token}` }), ...headers },
    });
  const said = ({ status, headers }: Answer) => [status, headers['www-authenticate']];
  const received = (answer: Answer) => scene.echo(answer).headers;

  const kept = async (kind: string) =>
    (await agent.get(`${scene.site.url}/probe/tokens`))
      .json<[string, string][] & Record<string, unknown>>()
      .filter(([key]) => key.startsWith(`${kind}:`));

  it('pass with what they say in the variables of the location, each time', async () => {
    const token = await scene.provider.accessToken({ groups: ['staff', 'ops'] });
    for (let round = 0; round < 6; round++) {
      const answer = await ask('/api/x', token, { cookie: 'a=1; auth_token=x; b=2' });
      expect(answer.status).toBe(200);
      expect(received(answer)).toMatchObject({
        username: 'alice',
        'x-groups': 'staff,ops',
        'x-client': 'program',
        cookie: 'a=1; b=2',
        authorization: `Bearer ${token}`,
      });
    }
  });

  it.each(['bearer', 'BEARER', 'Bearer  '])('may come by the scheme "%s"', async (scheme) => {
    const token = await scene.provider.accessToken();
    expect((await ask('/api/x', undefined, { authorization: `${scheme} ${token}` })).status).toBe(200);
  });

  it('are verified once: what is kept, by a hash, answers the next request in all workers', async () => {
    const token = await scene.provider.accessToken({ sub: 'first-name' });
    await ask('/api/x', token);
    const entries = await kept('v');
    expect(entries.some(([key, text]) => `${key}${text}`.includes(token.slice(-20)))).toBe(false);
    expect(entries.filter(([, text]) => text.includes('first-name'))).toHaveLength(1);
    await agent.get(`${scene.site.url}/probe/replace?from=first-name&to=second-name`);
    const names = await Promise.all(
      Array.from({ length: 24 }, async () => received(await ask('/api/x', token)).username),
    );
    expect(new Set(names)).toEqual(new Set(['second-name']));
  });

  it('that were kept are refused once they have ended', async () => {
    const token = await scene.provider.accessToken({ exp: Math.floor(Date.now() / 1000) - 27 }); // the clocks may differ by 30 s
    expect((await ask('/api/x', token)).status).toBe(200);
    const short = await scene.provider.accessToken({ exp: Math.floor(Date.now() / 1000) + 2 });
    expect((await ask('/api/x', short)).status).toBe(200);
    const [, text = ''] = (await kept('v')).at(-1) ?? [];
    expect(Number(text.split(' ')[0])).toBeLessThanOrEqual(Date.now() / 1000 + 60);
    await sleep(4000);
    expect((await ask('/api/x', token)).status).toBe(401);
  });

  it('are verified again where another location asks for more', async () => {
    const reads = await scene.provider.accessToken({ scope: 'orders:read' });
    expect((await ask('/api/x', reads)).status).toBe(200);
    expect(said(await ask('/api/write/x', reads))).toEqual([
      403,
      'Bearer error="insufficient_scope", error_description="The access token lacks a scope", ' +
        `scope="orders:read orders:write", ${metadata}`,
    ]);
    for (const granted of [{ scope: 'orders:write x orders:read' }, { scp: ['orders:read', 'orders:write'] }]) {
      const answer = await ask('/api/write/x', await scene.provider.accessToken(granted));
      expect([answer.status, received(answer).username]).toEqual([200, 'alice']);
    }
    expect(
      (await ask('/api/write/x', await scene.provider.accessToken({ scope: 'orders:read orders:writer' }))).status,
    ).toBe(403);
  });

  it('are held against what the location says, also where the server says something else', async () => {
    expect((await ask('/api/own/x', await scene.provider.accessToken())).status).toBe(401);
    expect((await ask('/api/own/x', await scene.provider.accessToken({ aud: 'own' }))).status).toBe(200);
    expect((await ask('/api/x', await scene.provider.accessToken({ aud: 'own' }))).status).toBe(401);
  });

  it('are held against a map by path, too', async () => {
    expect((await ask('/api/mapped/x', await scene.provider.accessToken())).status).toBe(403);
    expect((await ask('/api/mapped/x', await scene.provider.accessToken({ scope: 'orders:map' }))).status).toBe(200);
    expect((await ask('/api/x', await scene.provider.accessToken())).status).toBe(200);
  });

  it('cause no warnings of NGINX for settings that other locations have', async () => {
    await ask('/api/x', await scene.provider.accessToken());
    await ask('/either/x');
    await agent.get(`${scene.site.url}/x`);
    expect(scene.site.nginx.errorLog()).not.toContain('uninitialized');
  });

  it('meet the rules of a location on claims, or are refused', async () => {
    const granted = { groups: ['staff', 'admins'], client_id: 'program' };
    for (const _ of ['verified', 'kept']) {
      const answer = await ask('/api/ruled/x', await scene.provider.accessToken(granted));
      expect([answer.status, received(answer).username]).toEqual([200, 'alice']);
    }
    const good = await scene.provider.accessToken({ ...granted, client_id: 'another' });
    for (const _ of [1, 2]) {
      expect((await ask('/api/x', good)).status).toBe(200);
      expect(said(await ask('/api/ruled/x', good))).toEqual([
        403,
        'Bearer error="insufficient_scope", ' +
          `error_description="Whoever the access token stands for may not do this", ${metadata}`,
      ]);
    }
    expect(scene.site.nginx.errorLog()).toMatch(
      /oidc: not_allowed ref=\S+ \$oidc_require: client_id is program does not hold/,
    );
    for (const [groups, status] of [
      [['staff', 'admins'], 200],
      [['staff'], 403],
      [['admins'], 403],
    ] as const) {
      expect([groups, (await ask('/api/lines/x', await scene.provider.accessToken({ groups }))).status]).toEqual([
        groups,
        status,
      ]);
    }
  });

  it('come from a sign-in that is strong and recent enough, or are told what would do (RFC 9470)', async () => {
    const now = Math.floor(Date.now() / 1000);
    const recent = await scene.provider.accessToken({ acr: 'hwk', auth_time: now - 10 });
    expect([(await ask('/api/mfa/x', recent)).status, (await ask('/api/mfa/x', recent)).status]).toEqual([200, 200]);
    for (const claims of [{ acr: 'pwd', auth_time: now }, { acr: 'mfa', auth_time: now - 200 }, { acr: 'mfa' }, {}]) {
      const answer = await ask('/api/mfa/x', await scene.provider.accessToken(claims));
      expect(said(answer)).toEqual([
        401,
        'Bearer error="insufficient_user_authentication", error_description="A more recent or a stronger sign-in is needed", ' +
          `acr_values="mfa hwk", max_age="100", ${metadata}`,
      ]);
      expect(answer.json()).toMatchObject({ error: 'insufficient_user_authentication' });
    }
    const ending = await scene.provider.accessToken({ acr: 'mfa', auth_time: now - 128 }); // the clocks may differ by 30 s
    expect((await ask('/api/mfa/x', ending)).status).toBe(200);
    await expect.poll(async () => (await ask('/api/mfa/x', ending)).status, { timeout: 5000 }).toBe(401);
  });

  it('and sessions alike meet the rules of a location that takes either', async () => {
    scene.provider.does.user = { sub: 'alice', groups: ['staff'] };
    await scene.signedIn();
    expect((await ask('/either/x')).status).toBe(200);
    for (const _ of ['read', 'again']) expect((await ask('/either/admin/x')).status).toBe(403);
    expect((await ask('/either/admin/x', await scene.provider.accessToken({ groups: ['admins'] }))).status).toBe(200);
    expect((await ask('/either/admin/x', await scene.provider.accessToken({ groups: ['staff'] }))).status).toBe(403);
    expect((await ask('/either/admin/x')).status).toBe(403);
    await agent.jar.removeAllCookies();
    scene.provider.does.user = { sub: 'alice', groups: ['admins'] };
    await scene.signedIn();
    for (const _ of ['read', 'kept']) expect((await ask('/either/admin/x')).status).toBe(200);
  });

  it('that are missing are asked for, without an error and without a redirect', async () => {
    for (const answer of [
      await ask('/api/x'),
      await agent.get(`${scene.site.url}/api/x`),
      await ask('/api/x', undefined, { authorization: 'Basic YTpi' }),
    ]) {
      expect(said(answer)).toEqual([401, `Bearer ${metadata}`]);
      expect([answer.json(), answer.headers['cache-control']]).toEqual([{ error: 'token_required' }, 'no-store']);
    }
    const scoped = await ask('/api/write/x');
    expect(said(scoped)).toEqual([401, `Bearer scope="orders:read orders:write", ${metadata}`]);
  });

  it('that do not hold are refused, and the log says why', async () => {
    const answer = await ask('/api/x', await scene.provider.accessToken({ aud: 'another' }));
    expect(said(answer)).toEqual([
      401,
      'Bearer error="invalid_token", ' +
        `error_description="The access token has ended, was revoked, or is not for this site", ${metadata}`,
    ]);
    const { error, reference } = answer.json<{ error: string; reference: string }>();
    expect(error).toBe('invalid_token');
    expect(scene.site.nginx.errorLog()).toContain(
      `oidc: bearer_token_invalid ref=${reference} access token: "aud" is "another", not other or api ($oidc_bearer_audience)`,
    );
  });

  it.each([
    ['two', 'Bearer a b'],
    ['none', 'Bearer'],
    ['a blank', 'Bearer  '],
    ['characters that no token has', 'Bearer a"b'],
    ['two headers in one', 'Bearer a, Bearer b'],
  ])('that come as %s are a bad request', async (_name, authorization) => {
    const answer = await ask('/api/x', undefined, { authorization });
    expect(said(answer)).toEqual([400, expect.stringContaining('error="invalid_request"')]);
  });

  it('in the address are refused, and those in a form do not count', async () => {
    const token = await scene.provider.accessToken();
    const answer = await ask(`/api/x?access_token=${token}`);
    expect(said(answer)).toEqual([400, expect.stringContaining('error="invalid_request"')]);
    const form = { method: 'POST', form: { access_token: token } };
    expect((await agent.xhr(`${scene.site.url}/api/x`, form)).status).toBe(401);
    expect(scene.application.requests).toEqual([]);
  });

  it("that no JWT are need a setting, and then the provider's word, once within its time", async () => {
    const token = scene.provider.opaqueToken();
    expect((await ask('/api/x', token)).status).toBe(401);
    expect(scene.site.nginx.errorLog()).toContain('set $oidc_introspection opaque');
    expect(scene.provider.requests('/introspect')).toEqual([]);
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask('/api/opaque/x', token)));
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
    expect(received(answers[0] as Answer).username).toBe('alice');
    const asked = scene.provider.requests('/introspect');
    expect(asked.map(({ form }) => Object.fromEntries(form))).toEqual([{ token, token_type_hint: 'access_token' }]);
    expect(asked[0]?.headers.authorization).toMatch(/^Basic /);
    await sleep(2200);
    await ask('/api/opaque/x', token);
    expect(scene.provider.requests('/introspect')).toHaveLength(2);
  });

  it('that the provider does not know are asked about once, too', async () => {
    const statuses = await Promise.all(Array.from({ length: 20 }, () => ask('/api/opaque/x', 'made-up')));
    expect(new Set(statuses.map(({ status }) => status))).toEqual(new Set([401]));
    await ask('/api/opaque/x', 'made-up');
    expect(scene.provider.requests('/introspect')).toHaveLength(1);
  });

  it('that were revoked are refused where the provider is asked about each', async () => {
    const opaque = scene.provider.opaqueToken();
    const token = await scene.provider.accessToken();
    scene.provider.respond('/introspect', {
      body: JSON.stringify({ active: true, aud: 'api', sub: 'alice' }),
      times: 1,
    });
    expect((await ask('/api/always/x', token)).status).toBe(200);
    expect((await ask('/api/unkept/x', opaque)).status).toBe(200);
    await agent.get(`${scene.site.url}/x`); // another request in between
    const { id, secret } = scene.provider.client;
    await agent.xhr(`${scene.provider.issuer}/revoke`, {
      method: 'POST',
      form: { token: opaque, client_id: id, client_secret: secret },
    });
    expect((await ask('/api/unkept/x', opaque)).status).toBe(401);
    await sleep(1200);
    expect((await ask('/api/always/x', token)).status).toBe(401);
  });

  it('are not refused for good where the provider cannot be asked', async () => {
    const token = scene.provider.opaqueToken();
    scene.provider.respond('/introspect', { status: 500, body: 'no', times: 1 });
    scene.site.nginx.expectLog(/oidc: introspection_failed/);
    const answer = await ask('/api/opaque/x', token);
    expect([answer.status, answer.json().error, answer.headers['www-authenticate']]).toEqual([
      502,
      'introspection_failed',
      undefined,
    ]);
    expect((await ask('/api/opaque/x', token)).status).toBe(200);
  });

  it('of another type are accepted where the location says so', async () => {
    for (const header of [{ typ: 'JWT' }, { typ: null }]) {
      const token = await scene.provider.accessToken({}, header);
      expect((await ask('/api/x', token)).status).toBe(401);
      expect((await ask('/api/lenient/x', token)).status).toBe(200);
    }
  });

  it('next to a session count alone, where both may open a location', async () => {
    await scene.signedIn();
    const other = await scene.provider.accessToken({ sub: 'bob' });
    expect(received(await ask('/either/x')).username).toBe('alice');
    expect(received(await ask('/either/x', other)).username).toBe('bob');
    expect(said(await ask('/either/x', 'made.up.token'))).toEqual([401, expect.stringContaining('invalid_token')]);
    const basic = await ask('/either/x', undefined, { authorization: 'Basic YTpi' });
    expect(received(basic)).toMatchObject({ username: 'alice', authorization: 'Basic YTpi' });
    expect(received(await ask('/x', other)).username).toBe('alice');
  });

  it('may be had, or a session, where a location takes both: a page goes to the provider, a script is told', async () => {
    const page = await agent.get(`${scene.site.url}/either/x`);
    expect([page.status, String(page.headers.location)]).toEqual([302, expect.stringContaining('/authorize?')]);
    const script = await ask('/either/x');
    expect([said(script), script.json()]).toEqual([
      [401, `Bearer ${metadata}`],
      { error: 'login_required', sign_in: '/_oidc_login' },
    ]);
    expect((await ask('/x')).headers['www-authenticate']).toBeUndefined();
    expect((await ask('/x', await scene.provider.accessToken())).status).toBe(401);
  });

  it('are denied where a setting is wrong, and the log names it', async () => {
    scene.site.nginx.expectLog(/oidc: config_invalid/);
    const answer = await ask('/api/wrong/x', await scene.provider.accessToken());
    expect([answer.status, answer.json().error]).toEqual([500, 'config_invalid']);
    expect(scene.site.nginx.errorLog()).toMatch(/\$oidc_bearer_typ must be one of/);
  });

  it('are refused also where the location forgot its error_page', async () => {
    expect((await ask('/forgotten/x')).status).toBe(401);
    expect((await ask('/forgotten/x', 'a.b.c')).status).toBe(401);
    expect((await ask('/forgotten/x', await scene.provider.accessToken())).status).toBe(200);
  });

  it("whose claims do not fit into the gate's answer pass as well", async () => {
    const groups = Array.from({ length: 100 }, (_, at) => `group-${at}-${'x'.repeat(60)}`);
    const large = await scene.provider.accessToken({ groups: groups.slice(0, 70) });
    for (const _ of [1, 2]) {
      expect(received(await ask('/api/x', large))['x-groups']).toBe(groups.slice(0, 70).join(','));
    }
  });

  it('are described for clients that look for their provider', async () => {
    const url = `${scene.site.url}/.well-known/oauth-protected-resource`;
    const answer = await agent.xhr(`${url}/api`);
    expect([answer.status, answer.headers['access-control-allow-origin'], answer.json()]).toEqual([
      200,
      '*',
      {
        resource: 'https://app.test/api',
        authorization_servers: [scene.provider.issuer],
        bearer_methods_supported: ['header'],
      },
    ]);
    for (const path of ['', '/other', '/ap', '/api/x'])
      expect([path, (await agent.xhr(url + path)).status]).toEqual([path, 404]);
    expect((await agent.xhr(`${url}/api`, { method: 'POST' })).status).toBe(405);
  });

  it('and the gate for them are nothing that somebody from outside can ask for', async () => {
    for (const path of ['/_oidc_bearer', '/_oidc_either', '/_introspect']) {
      expect((await ask(path, await scene.provider.accessToken())).status).toBe(404);
    }
  });
});

onEachTarget('access tokens of oidc-provider', (nginx) => {
  useNginx();
  const api = 'https://api.test/';
  const opaque = 'https://opaque.test/';
  const program = {
    client_id: 'program',
    client_secret: 'program-secret-that-everybody-may-know-012',
    grant_types: ['client_credentials'],
    redirect_uris: [],
    response_types: [],
  };
  let provider: RunningProvider;
  let application: EchoApplication;
  let site: Site;
  let agent: Agent;

  beforeAll(async () => {
    application = await startEchoApplication();
    const port = await freePort();
    const client = demoClient(`http://127.0.0.1:${port}`);
    const resource = (_context: unknown, indicator: string) => ({
      scope: 'orders:read orders:write',
      audience: indicator,
      accessTokenTTL: 60,
      accessTokenFormat: indicator === api ? 'jwt' : 'opaque',
    });
    provider = await startProvider({
      port: 0,
      clients: [client, program],
      overrides: {
        ttl: { ClientCredentials: 60 },
        features: {
          clientCredentials: { enabled: true },
          introspection: { enabled: true, allowedPolicy: () => true },
          resourceIndicators: { enabled: true, defaultResource: () => api, getResourceServerInfo: resource },
        },
      },
    });
    site = await startSite({
      nginx,
      port,
      issuer: provider.issuer,
      application: application.address,
      changes: {
        set: { oidc_client: client.client_id, oidc_client_secret: client.client_secret },
        alsoSet: { oidc_bearer_audience: `${api} ${opaque}` },
      },
      editFrontend: (conf) => conf.replace(/^ {4}location \/ \{/m, (line) => locations + line),
      http: `js_import tokens from conf.d/tokens.js;
        auth_request_set $oidc_claim_client_id $sent_http_oidc_claim_client_id;
        auth_request_set $access_token $sent_http_access_token;`,
      files: { 'conf.d/tokens.js': probe },
    });
  });
  afterAll(async () => {
    await provider.stop();
    await application.stop();
  });
  beforeEach(() => {
    agent = createAgent();
    return () => agent.close();
  });

  async function tokenFor(resource: string, scope: string): Promise<string> {
    const { client_id, client_secret } = program;
    const authorization = `Basic ${Buffer.from(`${client_id}:${client_secret}`).toString('base64')}`;
    const form = { grant_type: 'client_credentials', resource, scope };
    const answer = await agent.xhr(`${provider.issuer}/token`, { method: 'POST', headers: { authorization }, form });
    return answer.json<{ access_token: string }>().access_token;
  }
  const ask = async (path: string, token: string) => {
    const answer = await agent.xhr(site.url + path, { headers: { authorization: `Bearer ${token}` } });
    return [answer.status, answer.status === 200 ? answer.json<Echo & Record<string, unknown>>().headers.username : ''];
  };

  it('pass where they are JWTs, and where the provider says that they are active', async () => {
    const jwt = await tokenFor(api, 'orders:read');
    expect(jwt.split('.')).toHaveLength(3);
    const text = await tokenFor(opaque, 'orders:read');
    expect(text.split('.')).toHaveLength(1);
    for (const _ of ['verified', 'kept']) {
      expect(await ask('/api/x', jwt)).toEqual([200, 'program']);
      expect(await ask('/api/write/x', jwt)).toEqual([403, '']);
      expect(await ask('/api/opaque/x', text)).toEqual([200, 'program']);
      expect(await ask('/api/x', text)).toEqual([401, '']);
    }
    const both = await tokenFor(api, 'orders:read orders:write');
    expect(await ask('/api/write/x', both)).toEqual([200, 'program']);
  });
});
