import { userInfo } from 'node:os';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { Finding } from '../../src/check/finding';
import { createAgent, signIn } from '../support/agent';
import { type CognitoProvider, startCognito } from '../support/cognito-provider';
import { discoveryDirectives, guideDirectives, startCognitoSite, withoutOfflineAccess } from '../support/cognito-site';
import { type EchoApplication, startEchoApplication } from '../support/echo-application';
import { onEachTarget, useNginx } from '../support/nginx';
import { type Site, testHmacKey } from '../support/site';
import { withLocation } from '../support/uncommented';

interface Report {
  status: string;
  problems: number;
  findings: Finding[];
}

const withCheck = (conf: string) => withLocation(conf, 'location = /_oidc_check');

onEachTarget('/_oidc_check', (nginx) => {
  useNginx();
  const agent = createAgent();
  let cognito: CognitoProvider;
  let application: EchoApplication;
  let site: Site | undefined;

  beforeAll(async () => {
    [cognito, application] = await Promise.all([startCognito(), startEchoApplication()]);
  });
  afterEach(async () => {
    await site?.stop();
    cognito.reset();
  });
  afterAll(() => Promise.all([agent.close(), cognito.stop(), application.stop()]));

  const start = async (
    set: Record<string, string>,
    alsoSet = {},
    edit = withCheck,
    editFrontend = (conf: string) => conf,
  ) => {
    const changes = { set, alsoSet };
    site = await startCognitoSite(nginx, cognito, application, set, { editServer: edit, editFrontend, changes });
    return site;
  };
  const ask = async (url: string) => {
    const answer = await agent.get(`${url}/_oidc_check?format=json`);
    const report = answer.json() as unknown as Report;
    return { answer, report, of: (about: string) => report.findings.filter((one) => one.about === about) };
  };

  it('is not there unless the operator uncomments it', async () => {
    const { url } = await start(discoveryDirectives(cognito), {}, (conf) => conf);
    for (const page of ['_oidc_check', '_oidc_dry_run']) {
      expect((await agent.get(`${url}/${page}`)).status).toBe(302); // an address like any other: sign in first
    }
  });

  it('reads the rule of the server, tells one that stands above the include, and tries one that it is asked about', async () => {
    const rule = { oidc_require: 'groups any admins' };
    const first = await start(discoveryDirectives(cognito), rule);
    expect((await ask(first.url)).of('$oidc_require')).toMatchObject([{ state: 'ok', value: 'groups any admins' }]);
    expect((await ask(first.url)).of('rules')).toEqual([]);
    const tried = async (text: string) => {
      const query = new URLSearchParams({ format: 'json', require: text });
      const { findings } = (await agent.get(`${first.url}/_oidc_check?${query}`)).json() as unknown as Report;
      return findings.filter(({ about }) => about === 'rule');
    };
    expect(await tried('email is "a b"; x exists')).toMatchObject([{ state: 'ok' }]);
    expect(await tried('groups contains x')).toMatchObject([
      { state: 'problem', remedy: expect.stringContaining('cannot be read at character 8, "contains x"') },
    ]);
    await first.stop();

    const broken = await start(discoveryDirectives(cognito), { oidc_require: 'groups has x' });
    const { answer, of } = await ask(broken.url);
    expect([answer.status, of('$oidc_require')[0]?.state]).toEqual([503, 'problem']);
    expect(of('$oidc_require')[0]?.remedy).toContain('cannot be read at character 8');
    await broken.stop();

    const above = (conf: string) => conf.replace(/^( *include conf.d\/openid)/m, 'set $oidc_require "sub exists";\n$1');
    const upsideDown = await start(discoveryDirectives(cognito), {}, withCheck, above);
    expect((await ask(upsideDown.url)).of('rules')).toMatchObject([
      { state: 'warning', value: 'before the include: sub exists', remedy: expect.stringContaining('above') },
    ]);
  });

  it('finds no problem in a configuration that works, and says what to register', async () => {
    const { url, port } = await start(discoveryDirectives(cognito));
    const { answer, report, of } = await ask(url);
    expect(report.findings.filter(({ state }) => state === 'problem')).toEqual([]);
    expect(answer.status).toBe(200);
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(report.status).toBe('ok');
    expect(of('redirect URI')[0]?.value).toBe(`http://127.0.0.1:${port}/_codexch`);
    expect(of('after sign-out')[0]?.value).toBe(`http://127.0.0.1:${port}/_logout`);
    expect(of('discovery')[0]?.value).toContain(cognito.issuer);
    expect(of('token_endpoint')[0]?.value).toBe(`${cognito.domain}/oauth2/token`);
    expect(of('keys')[0]?.value).toContain('RS256-1 RSA RS256, RS256-2 RSA RS256');
    expect(of('algorithms')[0]?.value).toContain('RS256');
    expect(of('clock')).toHaveLength(1);
    expect(of('clock')[0]?.value).toMatch(/the provider is [0-2] s /);
    expect(of('client authentication')).toMatchObject([{ state: 'ok' }]);
    expect(of('cookies')[0]?.value).toBe('auth_token=...; Path=/; HttpOnly; SameSite=Lax');
    expect(of('$oidc_clock_skew')).toEqual([{ about: '$oidc_clock_skew', state: 'info', value: '30 (default)' }]);
  });

  it('says whether anything is counted', async () => {
    const about = async (edit: (conf: string) => string) => {
      const site = await start(discoveryDirectives(cognito), {}, withCheck, edit);
      const found = (await ask(site.url)).of('zone oidc_metrics');
      await site.stop();
      return found;
    };
    expect(await about((conf) => conf)).toMatchObject([{ state: 'ok', value: expect.stringContaining('is counted') }]);
    expect(await about((conf) => conf.replace(/^js_shared_dict_zone zone=oidc_metrics.*$/m, ''))).toMatchObject([
      { state: 'info', value: 'missing: nothing is counted' },
    ]);
    expect(await about((conf) => conf.replace('256k type=number;', '256k timeout=1h;'))).toMatchObject([
      { state: 'warning', remedy: expect.stringContaining('type=number') },
    ]);
  });

  it('says which access tokens count, and what they lack', async () => {
    const first = await start(discoveryDirectives(cognito), { oidc_bearer_audience: 'api' });
    expect((await ask(first.url)).of('access tokens')).toMatchObject([
      { state: 'ok', value: 'for api, type at+jwt, bound or not' },
    ]);
    expect((await ask(first.url)).of('introspection')).toEqual([]);
    await first.stop();
    const settings = { oidc_bearer_audience: 'api', oidc_introspection: 'always' };
    const { url } = await start(discoveryDirectives(cognito), settings, withCheck, (conf) =>
      conf.replace(/^js_shared_dict_zone zone=oidc_tokens.*$/m, ''),
    );
    const { answer, of } = await ask(url);
    expect([answer.status, of('introspection'), of('zone oidc_tokens')]).toMatchObject([
      503,
      [{ state: 'problem', remedy: expect.stringContaining('$oidc_introspection_endpoint') }],
      [{ state: 'problem', remedy: expect.stringContaining('zone=oidc_tokens') }],
    ]);
  });

  it('warns of header names with underscores where a request that has one gets through', async () => {
    const headers = { any_name: '1' };
    const about = async (url: string) =>
      (await agent.get(`${url}/_oidc_check`, { headers })).text.match(
        /^warning +underscores_in_headers +on\n.*$/m,
      )?.[0];
    const off = await start(discoveryDirectives(cognito));
    expect(await about(off.url)).toBeUndefined();
    await off.stop();
    const { url } = await start(discoveryDirectives(cognito), {}, withCheck, (conf) =>
      conf.replace('underscores_in_headers off;', 'underscores_in_headers on;'),
    );
    expect(await about(url)).toContain('proxy_set_header X_Email ""');
  });

  it('shows how full the session store is', async () => {
    const { url } = await start(discoveryDirectives(cognito));
    expect((await ask(url)).of('zone oidc_sessions')[0]?.value).toMatch(/^0 entries, \d+ % of 65536 KB in use$/);
    const person = createAgent();
    await signIn(person, url);
    await person.close();
    expect((await ask(url)).of('zone oidc_sessions')[0]?.value).toMatch(/^[2-9] entries, /);
  });

  it('says that a zone is declared without a timeout, so that nothing in it would end', async () => {
    const { url, nginx: process } = await start(discoveryDirectives(cognito), {}, withCheck, (conf) =>
      conf.replace('zone=oidc_provider:1m timeout=7d evict;', 'zone=oidc_provider:1m;'),
    );
    const { answer, of } = await ask(url);
    process.expectLog(/oidc: /);
    expect([answer.status, of('zone oidc_provider')]).toMatchObject([
      503,
      [{ state: 'problem', value: 'declared without timeout=' }],
    ]);
  });

  it('asks the gate, and says when nobody answers there', async () => {
    const right = await start(discoveryDirectives(cognito));
    expect((await ask(right.url)).of('gate')).toEqual([{ about: 'gate', state: 'ok', value: 'answers' }]);
    await right.stop();
    const { url, nginx: process } = await start(discoveryDirectives(cognito), {}, withCheck, (conf) =>
      conf.replace(/(upstream oidc_gate \{\s*server) [^;]+/, '$1 127.0.0.1:9'),
    );
    process.expectLog(/connect\(\) failed|oidc: gate_unavailable/);
    const { answer, of } = await ask(url);
    expect([answer.status, of('gate')]).toMatchObject([
      503,
      [{ state: 'problem', value: expect.stringContaining('gate'), remedy: expect.stringContaining('oidc_gate') }],
    ]);
  });

  it('looks whether the metadata of a resource are where clients look for them', async () => {
    const resource = { oidc_resource: 'https://app.example.com/api/' };
    const first = await start(discoveryDirectives(cognito), resource);
    expect((await ask(first.url)).of('resource metadata')).toMatchObject([
      { state: 'problem', remedy: expect.stringContaining('oidc.protectedResource') },
    ]);
    await first.stop();
    const { url } = await start(
      discoveryDirectives(cognito),
      resource,
      (conf) =>
        `${withCheck(conf)}\nlocation /.well-known/oauth-protected-resource { auth_request off; js_content oidc.protectedResource; }\n`,
    );
    expect((await ask(url)).of('resource metadata')).toMatchObject([
      { state: 'ok', value: 'https://app.example.com/.well-known/oauth-protected-resource/api/' },
    ]);
  });

  it('shows no secret', async () => {
    const { url } = await start(discoveryDirectives(cognito));
    for (const headers of [{ accept: 'application/json' }, { accept: '*/*' }]) {
      const { text } = await agent.get(`${url}/_oidc_check`, { headers });
      expect(text).toContain('(set, ');
      expect(text).not.toContain(cognito.client.secret);
      expect(text).not.toContain(testHmacKey);
    }
  });

  it('reminds of $oidc_debug', async () => {
    const { url } = await start({ ...discoveryDirectives(cognito) }, { oidc_debug: '1' });
    const { answer, of } = await ask(url);
    expect(answer.status).toBe(200);
    expect(of('$oidc_debug')).toMatchObject([{ state: 'warning', remedy: expect.stringContaining('turn it off') }]);
  });

  it('is text for a terminal, and JSON where that is asked for', async () => {
    const { url } = await start(discoveryDirectives(cognito));
    const text = await agent.get(`${url}/_oidc_check`, { headers: { accept: '*/*' } });
    expect(text.headers['content-type']).toBe('text/plain; charset=utf-8');
    expect(text.text).toMatch(/^OpenID Connect configuration: no problem found\n\n/);
    expect(text.text).toMatch(new RegExp(`^ok +\\$oidc_issuer +${cognito.issuer}$`, 'm'));
    const json = await agent.get(`${url}/_oidc_check`, { headers: { accept: 'application/json' } });
    expect(json.headers['content-type']).toBe('application/json');
    expect(json.json().status).toBe('ok');
  });

  it('names every wrong setting and what to do', async () => {
    const { url } = await start(
      { ...discoveryDirectives(cognito), oidc_hmac_key: 'ChangeMe' },
      { oidc_clock_skew: '1h' },
    );
    const { answer, report, of } = await ask(url);
    expect(answer.status).toBe(503);
    expect(report.problems).toBe(1);
    expect(of('$oidc_clock_skew')[0]).toEqual({
      about: '$oidc_clock_skew',
      state: 'problem',
      value: '1h',
      remedy: '$oidc_clock_skew must be whole seconds from 0 to 300',
    });
  });

  it('says in which languages pages are, and what they do without', async () => {
    const sound = await start(discoveryDirectives(cognito));
    expect((await ask(sound.url)).of('languages of pages')[0]).toMatchObject({
      state: 'ok',
      value: 'en de fr es ja pt zh-Hans',
    });
    await sound.stop();
    const { url } = await start(discoveryDirectives(cognito), {
      oidc_page_languages: 'en it de',
      oidc_page_color: 'red',
    });
    const { report, of } = await ask(url);
    expect(report.problems).toBe(0);
    expect(of('pages')).toEqual([
      expect.objectContaining({ state: 'warning', value: expect.stringContaining('$oidc_page_color must be') }),
      expect.objectContaining({ state: 'warning', value: expect.stringMatching(/there is no .*it\.json: copy/) }),
    ]);
    expect(of('languages of pages')[0]?.value).toBe('en de');
  });

  it('says what only several settings together tell', async () => {
    const { url } = await start({ ...discoveryDirectives(cognito), oidc_hmac_key: 'ChangeMe' });
    expect((await ask(url)).of('configuration')[0]?.value).toContain(
      '$oidc_hmac_key must be a secret of 16 characters',
    );
  });

  it('says why the provider cannot be reached', async () => {
    const { url, nginx: process } = await start({
      ...discoveryDirectives(cognito),
      oidc_issuer: 'http://127.0.0.1:9/pool',
    });
    process.expectLog(/connect\(\) failed/);
    const { answer, of } = await ask(url);
    expect(answer.status).toBe(503);
    expect(of('discovery')[0]).toMatchObject({
      state: 'problem',
      value: expect.stringContaining('provider_unreachable'),
    });
    expect(of('discovery')[0]?.remedy).toContain('resolver');
  });

  it('says that the issuer is another one', async () => {
    const { url } = await start({ ...discoveryDirectives(cognito), oidc_issuer: `${cognito.issuer}/` });
    expect((await ask(url)).of('discovery')[0]).toMatchObject({
      state: 'problem',
      value: expect.stringContaining(`says issuer "${cognito.issuer}"`),
    });
  });

  it.each([
    [-600, 'behind'],
    [600, 'ahead'],
  ])('notices clocks that differ by %i s', async (clockAhead, direction) => {
    const { url } = await start(discoveryDirectives(cognito));
    cognito.does.clockAhead = clockAhead;
    const [clock] = (await ask(url)).of('clock');
    expect(clock?.state).toBe('problem');
    expect(Math.abs(Number(/\d+/.exec(clock?.value ?? '')?.[0]) - 600)).toBeLessThan(3);
    expect(clock?.value).toContain(direction);
  });

  it('looks at keys by URL and in a file when the endpoints are set by hand', async () => {
    const byHand = await start(guideDirectives(cognito), {}, (conf) => withCheck(withoutOfflineAccess(conf)));
    const byUrl = await ask(byHand.url);
    expect(byUrl.of('discovery')[0]?.value).toContain('not used');
    expect(byUrl.of('keys')[0]).toMatchObject({ state: 'ok', value: expect.stringContaining('RS256-1') });
    await byHand.stop();
    const { url } = await start({ ...guideDirectives(cognito), oidc_jwt_keyfile: '/nowhere/jwk.json' });
    const { of } = await ask(url);
    expect(of('keys')[0]).toMatchObject({ state: 'problem', value: expect.stringContaining('/nowhere/jwk.json') });
    expect(of('keys')[0]?.value).toContain(`user ${userInfo().username} must be able to read it`);
  });

  it('says when the host of the request is not one of the site', async () => {
    const { url } = await start(discoveryDirectives(cognito), { oidc_hosts: 'app.example.com' });
    expect((await ask(url)).of('address')[0]?.value).toContain('host_not_allowed');
    const right = await agent.get(`${url}/_oidc_check?format=json`, { headers: { host: 'app.example.com' } });
    expect(right.json().status).toBe('ok');
  });

  it('leaves other machines outside', async () => {
    const elsewhere = (conf: string) => withCheck(conf).replace('allow 127.0.0.1;', 'allow 192.0.2.1;');
    const { url, nginx: process } = await start(discoveryDirectives(cognito), {}, elsewhere);
    process.expectLog(/access forbidden by rule/);
    expect((await agent.get(`${url}/_oidc_check`)).status).toBe(403);
  });
});
