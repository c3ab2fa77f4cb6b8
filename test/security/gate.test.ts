import { expect, it } from 'vitest';
import { onEachTarget } from '../support/nginx';
import { useScene } from './site';

const locations = `
    location /public/ {
        proxy_set_header username  $jwt_claim_sub;
        proxy_set_header X-Email   $oidc_claim_email;
        proxy_set_header Cookie    "";
        proxy_pass http://my_backend;
    }
    location /admins/ {
        auth_request /_oidc_auth;
        error_page 401 = @do_oidc_flow;
        proxy_set_header Cookie $oidc_app_cookies;
        proxy_pass http://$admins_backend;
    }
`;
const guards = `
map $oidc_claim_groups $admins_backend { "~(^|,)admins(,|$)" my_backend; default refusal; }
upstream refusal { server unix:refusal.sock; }
server { listen unix:refusal.sock; return 403; }
underscores_in_headers on;
`;

onEachTarget('gate', (nginx) => {
  const scene = useScene(nginx, {
    http: guards,
    editFrontend: (conf) => conf.replace(/^ {4}location \/ \{/m, (line) => locations + line),
  });
  const reached = () => scene.application.requests.map(({ url }) => url);

  it('A4 what looks like the public path in the query, by encoding or by dots opens no protected path', async () => {
    const { agent, site } = scene;
    expect((await agent.get(`${site.url}/public/page`)).status).toBe(200); // the rule itself works
    scene.application.requests.length = 0;
    const targets = [
      '/secret?x=/public/',
      '/secret?/public/',
      '/secret#/public/',
      '/public/../secret',
      '/public/%2e%2e/secret',
      '/public/.%2e/secret',
      '/public/%2e%2e%2fsecret',
      '/public/..%2fsecret',
      '/public/x/../../secret',
      '/public//../secret',
      '/public/./../secret',
      '//public/../secret',
      '/publicsecret',
      '/PUBLIC/secret',
      '/public%00/secret',
      '/secret;/public/',
      '/secret%3f/public/',
      '/secret%23/public/',
      '/%zz/public/',
      '/public/%zz/../../secret',
      '/_oidc_auth',
      '/_token',
      '/_refresh?grant_type=x',
      '/_jwks_uri',
      '/_userinfo',
      '/_discovery',
      '/_revoke',
      '/%5foidc_auth',
    ];
    for (const target of targets) {
      const { status } = await agent.xhr(site.url, { target });
      expect([target, status >= 400]).toEqual([target, true]);
    }
    expect(reached()).toEqual([]);
    // what stays below /public/ for NGINX is passed on as it is written, never as something above it
    for (const target of [
      '/public/%252e%252e/secret',
      '/public/..;/secret',
      '/public/...//secret',
      '/public/%5c..%5csecret',
    ]) {
      await agent.xhr(site.url, { target });
    }
    for (const url of reached()) expect(new URL(url, 'http://x').pathname).toMatch(/^\/public\//);
  });

  it('A5 headers that name another URL, host or address never influence the decision', async () => {
    const names = ['x-forwarded-uri', 'x-original-url', 'x-rewrite-url', 'x-original-uri', 'x-auth-request-redirect'];
    const headers = Object.fromEntries(names.map((name) => [name, '/public/page']));
    const more = {
      'x-forwarded-host': '127.0.0.1',
      'x-forwarded-for': '127.0.0.1',
      'x-real-ip': '127.0.0.1',
      forwarded: 'for=127.0.0.1',
    };
    const answer = await scene.agent.xhr(`${scene.site.url}/secret`, {
      headers: { ...headers, ...more, 'x-forwarded-method': 'OPTIONS' },
    });
    expect(answer.status).toBe(401);
    expect(reached()).toEqual([]);
  });

  it('A6 no method, User-Agent or health-check path passes', async () => {
    const { agent, site } = scene;
    for (const method of [
      'GET',
      'HEAD',
      'OPTIONS',
      'POST',
      'PUT',
      'PATCH',
      'DELETE',
      'TRACE',
      'PROPFIND',
      'get',
      'FOO',
    ]) {
      const { status } = await agent.xhr(`${site.url}/secret`, { method });
      expect([method, status >= 400]).toEqual([method, true]);
    }
    for (const agentName of ['GoogleHC/1.0', 'kube-probe/1.30', 'ELB-HealthChecker/2.0', '']) {
      expect((await agent.xhr(`${site.url}/secret`, { headers: { 'user-agent': agentName } })).status).toBe(401);
    }
    for (const path of [
      '/ping',
      '/health',
      '/healthz',
      '/ready',
      '/favicon.ico',
      '/robots.txt',
      '/.well-known/x',
      '/oauth2/auth',
    ]) {
      expect([path, (await agent.xhr(site.url + path)).status]).toEqual([path, 401]);
    }
    const preflight = { origin: 'https://evil.test', 'access-control-request-method': 'GET' };
    expect((await agent.xhr(`${site.url}/secret`, { method: 'OPTIONS', headers: preflight })).status).toBe(401);
    expect(reached()).toEqual([]);
  });

  it('A7 identity headers of the client are cleared in every spelling, signed in or not, with OPTIONS and without claims', async () => {
    const { agent, provider, site } = scene;
    const forged: Record<string, string | string[]> = {
      Username: ['root', 'root'],
      'X-EMAIL': ['root@example.com', 'root@example.com'],
      X_Email: 'root@example.com',
      x_name: 'root',
      'x-Groups': 'root',
      X_GROUPS: 'root',
      'x-name': 'root',
    };
    provider.does.user = { sub: 'bob', email: 'bob@example.com' }; // no name, no groups
    await scene.signedIn();
    for (const options of [{}, { method: 'OPTIONS' }, { method: 'POST', body: 'x' }]) {
      const echo = scene.echo(await agent.xhr(`${site.url}/page`, { ...options, headers: forged }));
      expect(echo.headers).toMatchObject({ username: 'bob', 'x-email': 'bob@example.com' });
      expect(echo.rawHeaders.join('\n')).not.toMatch(/root/);
    }
    const open = scene.echo(
      await scene
        .browser()
        .xhr(`${site.url}/public/page`, { headers: { username: 'root', x_email: 'root', 'X-Email': 'root' } }),
    );
    expect(open.rawHeaders.join('\n')).not.toMatch(/root/);
    expect((await scene.browser().xhr(`${site.url}/page`, { headers: forged })).status).toBe(401);
  });

  it('A7 people who share connections and workers never get the identity of each other', async () => {
    const { provider, site } = scene;
    const names = ['alice', 'bob', 'carol', 'dave'];
    const secrets: string[] = [];
    for (const sub of names) {
      provider.does.user = { sub, ...(sub === 'bob' ? {} : { email: `${sub}@example.com` }) };
      secrets.push(await scene.signedIn(scene.browser()));
    }
    const shared = scene.browser();
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, i) =>
        shared.xhr(`${site.url}/${i}`, { headers: { cookie: `auth_token=${secrets[i % 4]}` } }),
      ),
    );
    for (const [i, answer] of answers.entries()) {
      const sub = names[i % 4];
      const { username, 'x-email': email } = scene.echo(answer).headers;
      expect([username, email]).toEqual([sub, sub === 'bob' ? undefined : `${sub}@example.com`]);
    }
  });

  it('U16 the own cookies and Authorization are removed before the application, other cookies stay as they are', async () => {
    const secret = await scene.signedIn();
    const cookie = [
      'theme=dark',
      `auth_token=${secret}`,
      'oidc_login_AAAA=x',
      '__Host-auth_token_2=y',
      'oidc_attempts=1.2.',
      '__Host-oidc_login_B=1',
      'q="a=b c"',
      'auth_token',
    ].join('; ');
    const answer = await scene
      .browser()
      .xhr(`${scene.site.url}/`, { headers: { cookie, authorization: 'Bearer stolen' } });
    const { headers, rawHeaders } = scene.echo(answer);
    expect(headers.cookie).toBe('theme=dark; __Host-auth_token_2=y; q="a=b c"');
    expect(headers.authorization).toBeUndefined();
    expect(rawHeaders.join('\n')).not.toMatch(new RegExp(`${secret}|stolen|oidc_`));
  });

  it('U17 a claim that is not enough is 403 again and again, and no new login', async () => {
    const { agent, provider, site } = scene;
    provider.does.user = { sub: 'bob', groups: ['staff', 'not-admins'] };
    await scene.signedIn();
    for (let i = 0; i < 8; i++) expect((await agent.navigate(`${site.url}/admins/`)).status).toBe(403);
    expect(provider.requests('/authorize')).toHaveLength(1);
    expect((await agent.get(`${site.url}/`)).status).toBe(200);
    provider.does.user = { sub: 'alice', groups: ['staff', 'admins'] };
    const admin = scene.browser();
    await scene.signedIn(admin);
    expect((await admin.get(`${site.url}/admins/`)).status).toBe(200);
  });

  it('A10 an old or made-up session cookie beside any bearer token gives no access', async () => {
    const { agent, site } = scene;
    const old = await scene.signedIn();
    await agent.get(`${site.url}/logout`);
    const cookies = [
      `auth_token=${old}`,
      `__Host-auth_token=${old}`,
      `auth_token=${'A'.repeat(43)}`,
      'auth_token=',
      'auth_token=alice',
    ];
    for (const cookie of cookies) {
      for (const authorization of [
        'Bearer x',
        'Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJyb290In0.',
        'Basic cm9vdDpyb290',
        `Bearer ${old}`,
      ]) {
        const { status } = await scene.browser().xhr(`${site.url}/secret`, { headers: { cookie, authorization } });
        expect([cookie, authorization, status]).toEqual([cookie, authorization, 401]);
      }
    }
    expect(reached()).toEqual(['/']);
  });

  it('A14 crafted Cookie headers neither crash nor hang a worker, nor pass', async () => {
    const { site } = scene;
    const workers = site.nginx.workers();
    const entries = (await scene.store()).length;
    const headers = [
      ';',
      '=',
      ';;;;=;=;',
      '&',
      'auth_token',
      'auth_token=;auth_token=;auth_token',
      'auth_token_chunks=99999999999; auth_token_0=a',
      'auth_token_chunks=-1',
      `auth_token=${'A'.repeat(6000)}`,
      Array.from({ length: 900 }, (_, i) => `a${i}=`).join(';'),
      ';'.repeat(7000),
      '='.repeat(7000),
      'oidc_login_a=1; '.repeat(400),
      Array.from({ length: 400 }, (_, i) => `oidc_login_${i}=`).join('; '),
      'auth_token=\xff\xfe\x80',
      'oidc_login_=x; oidc_login_AAAAAAAAAAAAAAAA=zzzz.%00',
      'oidc_attempts=99999.1.; oidc_attempts=9e9.-1.x',
      '__proto__=1; constructor=2; toString=3; auth_token=__proto__',
      'auth_token=s:; auth_token=*; auth_token=\'"',
    ];
    for (const cookie of headers) {
      for (const path of [
        '/secret',
        '/logout',
        '/_codexch?state=AAAA&code=x',
        '/front_channel_logout?sid=1',
        '/_logout',
      ]) {
        const browser = scene.browser();
        const began = Date.now();
        const { status } = await browser.get(site.url + path, {
          headers: { cookie: cookie },
        });
        expect([cookie.slice(0, 40), path, status, [200, 302, 400, 429].includes(status)]).toEqual([
          cookie.slice(0, 40),
          path,
          status,
          true,
        ]);
        expect(Date.now() - began).toBeLessThan(1000);
      }
    }
    expect(reached()).toEqual([]);
    expect(await scene.store()).toHaveLength(entries);
    expect(site.nginx.workers()).toEqual(workers);
  });

  it.todo(
    'A8 an e-mail rule takes exactly one @ and a verified address, an empty group list admits nobody — rules on e-mail and groups do not exist yet',
  );
});
