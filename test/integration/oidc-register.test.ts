// biome-ignore-all lint/suspicious/noTemplateCurlyInString: NGINX's own
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { useScene } from '../security/site';
import { type Answer, createAgent, type RequestOptions, signIn } from '../support/agent';
import { type RunningProvider, startProvider } from '../support/demo-parts';
import { type Echo, type EchoApplication, startEchoApplication } from '../support/echo-application';
import type { Canned } from '../support/misbehaving-provider';
import { freePort, onEachTarget, useNginx } from '../support/nginx';
import { type Site, type SiteOptions, startSite } from '../support/site';

const uncommented = (conf: string) =>
  conf.replace(/# (location = \/_oidc_register \{)\n(?:# .*\n)+/, (block) => block.replace(/^# ?/gm, ''));
const noBrowser = { 'sec-fetch-site': undefined, 'sec-fetch-mode': undefined, 'sec-fetch-dest': undefined };
type Json = Record<string, unknown>;

/** As somebody with curl does. */
async function curl(site: Site, method: string, headers: Record<string, string> = {}, body?: string, query = '') {
  const agent = createAgent();
  const options: RequestOptions = { method, headers: { ...noBrowser, ...headers }, ...(body ? { body } : {}) };
  return agent.xhr(`${site.url}/_oidc_register${query}`, options).finally(() => agent.close());
}

/** frontend.conf with the printed lines in place of those that it has. */
const pasted = (printed: string) => (conf: string) => {
  const lines = printed.match(/^set \$oidc_\w+ ".*";$/gm) ?? [];
  expect(lines.length).toBeGreaterThan(1);
  const [first = ''] = conf.match(/^ *set \$oidc_issuer .*$/m) ?? [];
  return conf
    .replace(/^ *set \$oidc_client(?:_secret)? .*\n/gm, '')
    .replace(first, [first, ...lines.map((line) => `    ${line}`)].join('\n'));
};

/** What the ID token is signed with that the application got. */
function algorithmOf(page: Answer): unknown {
  const token = String(page.json<Echo & Json>().headers['x-id-token']);
  return (JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()) as Json).alg;
}

/** The headers of the curl command that was printed. */
function printedHeaders(text: string): Record<string, string> {
  const found = [...text.matchAll(/-H '([^:']+): ([^']+)'/g)].map(([, name = '', value = '']) => [name, value]);
  expect(found.map(([name]) => name)).toEqual(['Authorization', 'Registration-Client-Uri']);
  return Object.fromEntries(found);
}

onEachTarget('/_oidc_register with oidc-provider', (nginx) => {
  useNginx();
  const folder = mkdtempSync(join(tmpdir(), 'register-'));
  const keyfile = join(folder, 'client.pem');
  let provider: RunningProvider;
  let application: EchoApplication;

  beforeAll(async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    writeFileSync(keyfile, privateKey.export({ format: 'pem', type: 'pkcs8' }), { mode: 0o644 });
    application = await startEchoApplication();
    const { privateKey: edwards } = generateKeyPairSync('ed25519');
    provider = await startProvider({
      port: 0,
      clients: [],
      extraKeys: [{ ...edwards.export({ format: 'jwk' }), use: 'sig' }],
      overrides: {
        enabledJWA: { idTokenSigningAlgValues: ['RS256', 'ES256', 'EdDSA', 'Ed25519'] },
        clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'],
        features: {
          registration: { enabled: true, initialAccessToken: 'the-initial-token' },
          registrationManagement: { enabled: true, rotateRegistrationAccessToken: true },
          backchannelLogout: { enabled: true },
          pushedAuthorizationRequests: { enabled: true },
          dPoP: { enabled: true },
          requestObjects: { enabled: true },
          jwtResponseModes: { enabled: true },
        },
      },
    });
  });
  afterAll(async () => {
    await provider.stop();
    await application.stop();
    rmSync(folder, { recursive: true });
  });

  /** A site without a client. */
  const start = (port: number, set: Record<string, string>, more: Partial<SiteOptions> = {}) =>
    startSite({
      nginx,
      port,
      issuer: provider.issuer,
      application: application.address,
      changes: {
        set: { oidc_client: '', oidc_client_secret: '' },
        alsoSet: set,
        variables: ['id_token'],
        proxyHeaders: { 'X-Id-Token': '$id_token' },
      },
      editServer: uncommented,
      ...more,
    });
  const signedByEdwards: [string, () => Record<string, string>] = [
    'that takes ID tokens by EdDSA alone',
    () => ({ oidc_id_token_algs: 'EdDSA' }),
  ];
  /** On the engine that has it. */
  const imported = (conf: string) => (nginx.engine === 'qjs' ? conf.replace(/# (js_import oidc_eddsa )/, '$1') : conf);
  const withToken = { authorization: 'Bearer the-initial-token' };

  it.each<[string, () => Record<string, string>]>([
    ['with a secret', () => ({})],
    ['with a key, pushed and signed requests, signed responses, bound tokens', strictSettings],
    ...(nginx.engine === 'qjs' ? [signedByEdwards] : []),
  ])('registers a site %s, whose lines are pasted: people sign in until it is deleted', async (_what, settings) => {
    const port = await freePort();
    const before = await start(port, settings(), { editFrontend: imported });
    const printed = await curl(before, 'POST', withToken);
    expect([printed.status, printed.headers['cache-control']]).toEqual([201, 'no-store']);
    expect(printed.text).toContain(`# It sends people back to http://127.0.0.1:${port}/_codexch\n`);
    const [, secret = ''] = /set \$oidc_client_secret "(.*)";/.exec(printed.text) ?? [];
    const log = before.nginx.errorLog();
    before.nginx.acceptLog();
    await before.stop();

    const site = await start(port, settings(), {
      editFrontend: (conf) => pasted(printed.text)(imported(conf)),
    });
    const agent = createAgent();
    const page = await signIn(agent, `${site.url}/page`);
    expect(page.status).toBe(200);
    if (settings().oidc_id_token_algs) expect(algorithmOf(page)).toBe('EdDSA');
    await agent.close();

    const shown = await curl(site, 'GET', printedHeaders(printed.text));
    expect(shown.status).toBe(200);
    expect(shown.text.match(/^set .*$/gm)).toEqual(printed.text.match(/^set .*$/gm));

    const updated = await curl(site, 'PUT', printedHeaders(shown.text), '{"client_name":"Another name"}');
    expect([updated.status, updated.text]).toEqual([200, expect.stringContaining('set $oidc_client "')]);
    const headers = printedHeaders(updated.text);
    const read = await fetch(headers['Registration-Client-Uri'] ?? '', {
      headers: { authorization: headers.Authorization ?? '' },
    });
    expect(((await read.json()) as Json).client_name).toBe('Another name');
    expect((await curl(site, 'DELETE', { ...headers, Authorization: 'Bearer other' })).status).toBe(502);
    const last = printedHeaders((await curl(site, 'GET', headers)).text);
    expect((await curl(site, 'DELETE', last)).status).toBe(200);
    expect((await curl(site, 'GET', last)).json<Json>()).toMatchObject({ error: 'registration_failed' });

    const later = createAgent();
    const refused = await later.navigate(`${site.url}/page`);
    expect(refused.status).not.toBe(200);
    expect(refused.text, 'no form to sign in').not.toContain('name="password"');
    await later.close();
    const logs = log + site.nginx.errorLog();
    for (const word of [
      secret,
      'the-initial-token',
      ...[headers, last].map((one) => one.Authorization?.slice(7) ?? ''),
    ]) {
      if (word !== '') expect(logs).not.toContain(word);
    }
    site.nginx.acceptLog();
  });

  function strictSettings(): Record<string, string> {
    return {
      oidc_client_keyfile: keyfile,
      oidc_par: 'on',
      oidc_signed_request: 'on',
      oidc_response_mode: 'jwt',
      oidc_dpop: '1',
    };
  }

  it('says how to give the token that the provider wants first', async () => {
    const site = await start(await freePort(), {});
    for (const headers of [{}, { authorization: 'Bearer wrong' }] as Record<string, string>[]) {
      const answer = await curl(site, 'POST', headers);
      expect([answer.status, answer.json<Json>()]).toEqual([
        502,
        { error: 'registration_failed', error_description: expect.stringMatching(/initial access token.*curl -H/) },
      ]);
    }
    site.nginx.acceptLog();
  });
});

onEachTarget('/_oidc_register', (nginx) => {
  const scene = useScene(nginx, { editServer: uncommented });
  const ask = (method = 'POST', headers: Record<string, string> = {}, body?: string, query = '') =>
    curl(scene.site, method, headers, body, query);
  const sent = () => scene.provider.requests('/register').map(({ method }) => method);
  const known = () => ({
    authorization: 'Bearer token-of-the-registration',
    'registration-client-uri': `${scene.provider.issuer}/register?client_id=test-client`,
  });

  it('sends what the settings say, and what the body adds or takes away', async () => {
    const body = JSON.stringify({ client_name: 'Our site', scope: null, software_id: 'x' });
    const answer = await ask('POST', { accept: 'application/json', authorization: 'Bearer initial' }, body);
    expect(answer.json<Json>()).toEqual({
      settings: {
        oidc_client: 'test-client',
        oidc_client_secret: scene.provider.client.secret,
        oidc_client_auth_method: 'client_secret_basic',
      },
      redirect_uri: `${scene.site.url}/_codexch`,
      client_secret_expires_at: 0,
      registration_client_uri: known()['registration-client-uri'],
      registration_access_token: 'token-of-the-registration',
      differences: [],
    });
    const [request] = scene.provider.requests('/register');
    expect(request?.headers).toMatchObject({ 'content-type': 'application/json', authorization: 'Bearer initial' });
    expect(request?.headers['registration-client-uri']).toBeUndefined();
    expect(JSON.parse(request?.body ?? '')).toEqual({
      application_type: 'web',
      client_name: 'Our site',
      software_id: 'x',
      redirect_uris: [`${scene.site.url}/_codexch`],
      post_logout_redirect_uris: [`${scene.site.url}/_logout`],
      response_types: ['code'],
      grant_types: ['authorization_code', 'refresh_token'],
      token_endpoint_auth_method: 'client_secret_basic',
      id_token_signed_response_alg: 'RS256',
    });
  });

  it('asks nothing of the provider for a browser, another method, or what is no token or JSON', async () => {
    for (const headers of [{ 'sec-fetch-site': 'same-origin' }, { origin: 'null' }] as Record<string, string>[]) {
      expect((await ask('POST', headers)).status).toBe(403);
      expect((await ask('DELETE', { ...known(), ...headers })).status).toBe(403);
    }
    expect((await ask('PATCH')).status).toBe(405);
    for (const authorization of ['Basic eDp5', 'Bearer a b', 'Bearer', 'Bearer a, b']) {
      expect((await ask('POST', { authorization })).status).toBe(502);
    }
    for (const body of ['[]', 'null', 'client_name=x', '{']) expect((await ask('POST', {}, body)).status).toBe(502);
    expect(sent()).toEqual([]);
    scene.site.nginx.acceptLog();
  });

  it('gives the token of a registration to nobody but the provider', async () => {
    const { issuer } = scene.provider;
    for (const uri of [
      '',
      'https://evil.test/register',
      `${issuer}.evil.test/x`,
      `${issuer}@evil.test/x`,
      '/register',
      issuer,
    ]) {
      for (const method of ['GET', 'PUT', 'DELETE']) {
        expect((await ask(method, { ...known(), 'registration-client-uri': uri })).status).toBe(502);
      }
    }
    expect(sent()).toEqual([]);
    scene.site.nginx.acceptLog();
    for (const method of ['GET', 'PUT', 'DELETE']) expect((await ask(method, known())).status).toBe(200);
    expect(sent()).toEqual(['GET', 'PUT', 'DELETE']);
  });

  it.each<[string, Canned, RegExp]>([
    ['a page', { html: true }, /no client_id/],
    ['nothing', { status: 201, empty: true }, /no client_id/],
    ['an id with a line break', { status: 201, body: '{"client_id":"a\\nset $oidc_debug 1;"}' }, /no client_id/],
    ['no secret', { status: 201, body: '{"client_id":"a"}' }, /no client_secret/],
    [
      'a secret with a line break',
      { status: 201, body: '{"client_id":"a","client_secret":"b\\n"}' },
      /not visible ASCII/,
    ],
    ['a redirect', { status: 302, headers: { location: 'https://evil.test/' }, body: '{}' }, /answered 302/],
    [
      'a refusal',
      { status: 400, body: '{"error":"invalid_redirect_uri"}' },
      /invalid_redirect_uri: is \$oidc_base_url/,
    ],
    ['an error of its own', { status: 503, body: '{}' }, /answered 503/],
    ['something compressed', { gzip: true }, /compressed/],
  ])('shows no line to set when the provider answers with %s', async (_what, canned, problem) => {
    scene.provider.respond('/register', canned);
    const answer = await ask();
    expect(answer.status).toBe(502);
    expect(answer.json<Json>().error_description).toMatch(problem);
    expect(answer.text).not.toContain('set $');
    scene.site.nginx.acceptLog();
  });

  it('quotes what the provider gives, so that it is one value for NGINX', async () => {
    const secret = 'a"; return 200 "$http_host\\ {}#';
    scene.provider.respond('/register', {
      status: 201,
      body: JSON.stringify({ client_id: 'a b', client_secret: secret }),
    });
    const { text } = await ask();
    expect(text).toContain('set $oidc_client "a b";\n');
    expect(text).toContain('set $oidc_client_secret "a\\"; return 200 \\"${oidc_dollar}http_host\\\\ {}#";\n');
    expect(text).toContain('geo $oidc_dollar { default "$"; }');
    expect(text).toContain('no way to change or end the registration');
  });

  it('names the provider to ask for where there are several', async () => {
    const answer = await ask('POST', {}, undefined, '?provider=acme');
    expect([answer.status, answer.json<Json>().error]).toEqual([404, 'provider_unknown']);
  });

  it('says where the provider takes no registrations, and what to do', async () => {
    scene.provider.does.metadata = ({ registration_endpoint: _, ...rest }) => rest;
    const answer = await ask();
    expect([answer.status, answer.json<Json>().error_description]).toEqual([
      502,
      expect.stringMatching(/in its console/),
    ]);
    scene.site.nginx.acceptLog();
  });
});

onEachTarget('/_oidc_register as shipped', (nginx) => {
  const scene = useScene(nginx);

  it('is not there, nor is the location that calls the provider', async () => {
    for (const path of ['/_oidc_register', '/_registration']) {
      const answer = await scene.agent.xhr(`${scene.site.url}${path}`, { method: 'POST', headers: noBrowser });
      expect(answer.status).toBe(path === '/_registration' ? 404 : 401);
    }
    expect(scene.provider.requests('/register')).toEqual([]);
  });
});
