import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { type Agent, type Answer, createAgent } from '../support/agent';
import { type Echo, type EchoApplication, startEchoApplication } from '../support/echo-application';
import { logoutClaims } from '../support/logout-claims';
import { type MisbehavingProvider, startMisbehavingProvider } from '../support/misbehaving-provider';
import { onEachTarget, useNginx } from '../support/nginx';
import { byChoice, startSiteWithProviders } from '../support/several-providers';
import type { Site } from '../support/site';

const logo = 'data:image/png;base64,iVBORw0KGgo=';

onEachTarget('several providers on one site', (nginx) => {
  useNginx();
  let acme: MisbehavingProvider;
  let globex: MisbehavingProvider;
  let application: EchoApplication;
  let site: Site;
  let agent: Agent;

  const named = () => ({
    acme: { issuer: acme.issuer, client: acme.client, more: { provider_name: 'Acme <Ltd>', provider_logo: logo } },
    globex: {
      issuer: globex.issuer,
      client: globex.client,
      more: { provider_domains: 'globex.example globex.co.uk', end_session_endpoint: `${globex.issuer}/logout` },
    },
  });
  /** Pages of one provider each, pages of any, and one whose provider a variable of the operator's tells. */
  const pages = `
    location /acme/ { set $oidc_provider acme; auth_request /_oidc_auth; error_page 401 = @do_oidc_flow;
        proxy_set_header username $jwt_claim_sub; proxy_set_header Cookie $oidc_app_cookies; proxy_pass http://my_backend; }
    location /globex/ { set $oidc_provider globex; auth_request /_oidc_auth; error_page 401 = @do_oidc_flow;
        proxy_set_header username $jwt_claim_sub; proxy_set_header Cookie $oidc_app_cookies; proxy_pass http://my_backend; }
    location /public/ { auth_request /_oidc_optional; error_page 401 = @do_oidc_flow;
        proxy_set_header username $jwt_claim_sub; proxy_pass http://my_backend; }
    location /company/ { set $oidc_provider $cookie_company; auth_request /_oidc_auth; error_page 401 = @do_oidc_flow;
        proxy_set_header username $jwt_claim_sub; proxy_pass http://my_backend; }
    location = /probe { auth_request off; js_content probe.items; }
    location = /_oidc_check { auth_request off; js_import oidc_operator from conf.d/openid_connect_operator.js; js_content oidc_operator.checkConfiguration; }
    location = /_oidc_sessions { auth_request off; js_import oidc_operator from conf.d/openid_connect_operator.js; js_content oidc_operator.oidcSessions; }
    location = /_oidc_register {
        auth_request off;
        js_import oidc_operator from conf.d/openid_connect_operator.js;
        js_content oidc_operator.oidcRegister;
    }
  `;

  beforeAll(async () => {
    acme = await startMisbehavingProvider({
      host: '127.0.0.1',
      client: { id: 'site-at-acme', secret: 'acme-secret-of-more-than-32-characters' },
      does: { user: { sub: 'alice', email: 'alice@acme.example' } },
    });
    globex = await startMisbehavingProvider({
      host: '127.0.0.1',
      client: { id: 'site-at-globex', secret: 'globex-secret-of-more-than-32-characters' },
      does: { user: { sub: 'bob', email: 'bob@globex.example' } },
    });
    application = await startEchoApplication({ host: '127.0.0.1' });
    site = await startSiteWithProviders({
      nginx,
      providers: named(),
      application: application.address,
      editServer: (conf) => conf + pages,
      http: 'js_import probe from conf.d/probe.js;\n',
      files: {
        'conf.d/probe.js':
          'export default { items: (r) => r.return(200, JSON.stringify(ngx.shared.oidc_sessions.items(100000))) };',
      },
    });
  });
  afterAll(() => Promise.all([acme.stop(), globex.stop(), application.stop()]));
  beforeEach(() => {
    acme.reset();
    globex.reset();
    application.requests.length = 0;
    agent = createAgent();
    return () => agent.close();
  });

  const who = (answer: Answer) => answer.json<Echo & Record<string, unknown>>().headers.username;
  const url = (path: string) => site.url + path;
  const status = async (path: string) => (await agent.xhr(url(path))).status;
  const chosen = async () => (await agent.cookies(site.url)).find(({ key }) => key === 'oidc_provider')?.value;
  const tokenRequests = () => [acme.requests('/token').length, globex.requests('/token').length];

  it('who has not chosen gets a page that lets them, at the address that they opened', async () => {
    const page = await agent.get(url('/orders/7?x=1&y=2'));
    expect([page.status, page.headers.location, page.headers['cache-control']]).toEqual([401, undefined, 'no-store']);
    const back = encodeURIComponent('/orders/7?x=1&y=2');
    expect(page.text).toContain(`<a href="/_oidc_login/acme?return=${back}"><img src="${logo}" alt="">`);
    expect(page.text).toContain('Acme &lt;Ltd&gt;');
    expect(page.text).not.toContain('/_oidc_login/globex'); // found by its domain alone
    expect(page.text).toContain('<input type="hidden" name="return" value="/orders/7?x=1&amp;y=2">');
    expect(page.headers['content-security-policy']).toContain("default-src 'none'");
    expect(page.headers['content-security-policy']).toContain('img-src data:');
    expect((await agent.xhr(url('/orders/7'))).json()).toEqual({ error: 'login_required', sign_in: '/_oidc_login' });
    expect(acme.requests().concat(globex.requests())).toEqual([]);
  });

  it('the chosen provider signs in, is remembered, and the choice does not reach the application', async () => {
    const page = await agent.navigate(url('/_oidc_login/acme?return=/orders/7'));
    expect([page.status, page.url, who(page)]).toEqual([200, url('/orders/7'), 'alice']);
    expect(acme.requests('/authorize')[0]?.query.get('redirect_uri')).toBe(url('/_codexch/acme'));
    expect(page.json<Echo & Record<string, unknown>>().headers.cookie).toBeUndefined();
    expect(await chosen()).toBe('acme');
    const line = page.trail.flatMap(({ setCookies }) => setCookies).find((one) => one.startsWith('oidc_provider='));
    expect(line).toBe('oidc_provider=acme; Path=/; HttpOnly; SameSite=Lax; Max-Age=31536000');
    await agent.jar.setCookie('auth_token=gone; Path=/', site.url);
    const again = await agent.get(url('/orders/8'));
    expect(String(again.headers.location)).toContain(`${acme.issuer}/authorize`);
    expect(tokenRequests()).toEqual([1, 0]);
  });

  it('the page marks what was used last, for somebody who wants another', async () => {
    await agent.navigate(url('/_oidc_login/acme'));
    await agent.post(url('/logout'), {});
    expect((await agent.get(url('/_logout'))).text).toContain('href="/_oidc_login?return=%2F">Sign in another way');
    expect((await agent.get(url('/_oidc_login?return=/x'))).text).toContain('Acme &lt;Ltd&gt; (last used)');
  });

  it('who is signed in goes to the page at once', async () => {
    await agent.navigate(url('/_oidc_login/acme'));
    const answer = await agent.get(url('/_oidc_login?return=/orders/7'));
    expect([answer.status, answer.headers.location]).toEqual([302, '/orders/7']);
  });

  it.each(['bob@globex.example', ' Bob.Smith@GLOBEX.co.uk '])(
    'the address %j leads to its provider, as a hint',
    async (email) => {
      const page = await agent.post(url('/_oidc_login'), { email, return: '/orders/7' });
      expect(page.status).toBe(302);
      const last = await agent.navigate(new URL(String(page.headers.location), site.url).href);
      expect([last.status, last.url, who(last)]).toEqual([200, url('/orders/7'), 'bob']);
      expect(globex.requests('/authorize')[0]?.query.get('login_hint')).toBe(email.trim());
      expect(await chosen()).toBe('globex');
    },
  );

  it.each([
    'eve@evil.example',
    'eve@sub.globex.example',
    'eve@evil-globex.example',
    'eve@globex.example.evil.test',
    'eve@evil.test@globex.example',
    'globex.example',
    '@globex.example',
    '"><script>alert(1)</script>@x.test',
    '',
  ])('the address %j leads nowhere, and the page says so', async (email) => {
    const page = await agent.post(url('/_oidc_login'), { email, return: '/orders/7' });
    expect([page.status, page.headers.location]).toEqual([400, undefined]);
    expect(page.text).toMatch(/<p id="problem" role="alert">[^<]+<\/p>/);
    expect(page.text).not.toContain('<script>');
  });

  it('each page asks for a session of its own provider', async () => {
    const page = await agent.navigate(url('/acme/x'));
    expect([page.status, page.url, who(page)]).toEqual([200, url('/acme/x'), 'alice']);
    expect(await Promise.all(['/acme/y', '/globex/y', '/y'].map(status))).toEqual([200, 401, 200]);
    const other = await agent.navigate(url('/globex/x'));
    expect([other.status, other.url, who(other)]).toEqual([200, url('/globex/x'), 'bob']);
    expect(await Promise.all(['/acme/y', '/globex/y', '/y'].map(status))).toEqual([401, 200, 200]);
    expect(tokenRequests()).toEqual([1, 1]);
  });

  it("a variable of the operator's tells the provider; without a value the person chooses, in no loop", async () => {
    await agent.jar.setCookie('company=globex; Path=/', site.url);
    expect(who(await agent.navigate(url('/company/x')))).toBe('bob');
    await agent.jar.setCookie('company=evil; Path=/', site.url);
    const page = await agent.navigate(url('/company/x'));
    expect([page.status, page.url]).toEqual([401, url('/company/x')]);
    expect(page.text).toContain('With which of these?');
  });

  it('a public page knows who is signed in, at whichever provider was chosen', async () => {
    expect(who(await agent.get(url('/public/x')))).toBeUndefined();
    await agent.navigate(url('/globex/x'));
    expect(who(await agent.get(url('/public/x')))).toBe('bob');
  });

  it.each(['acme', 'globex'] as const)('a session of %s is renewed there', async (name) => {
    const provider = name === 'acme' ? acme : globex;
    provider.does.expiresIn = 1;
    await agent.navigate(url(`/${name}/x`));
    await sleep(1100);
    for (const path of [`/${name}/y`, '/y', '/public/y']) expect(await status(path)).toBe(200);
    const counts = [acme, globex].map((one) => one.grants('refresh_token').length > 0);
    expect(counts).toEqual([name === 'acme', name === 'globex']);
  });

  it.each(['acme', 'globex'] as const)(
    'a session of %s is signed out there, whatever the cookie says was chosen',
    async (name) => {
      const [provider, other] = name === 'acme' ? [acme, globex] : [globex, acme];
      await agent.navigate(url(`/${name}/x`));
      const secret = (await agent.cookies(site.url)).find(({ key }) => key === 'auth_token')?.value;
      await agent.jar.setCookie(`oidc_provider=${name === 'acme' ? 'globex' : 'acme'}; Path=/`, site.url);
      const answer = await agent.post(url('/logout'), {});
      expect(String(answer.headers.location)).toContain(`${provider.issuer}/logout?`);
      expect([provider.requests('/revoke').length, other.requests().length]).toEqual([1, 0]);
      await agent.jar.setCookie(`auth_token=${secret}; Path=/`, site.url);
      expect(await status(`/${name}/y`)).toBe(401);
    },
  );

  it('sign-out everywhere ends the sessions of the person at this provider', async () => {
    const elsewhere = createAgent();
    await elsewhere.navigate(url('/globex/x'));
    await agent.navigate(url('/globex/x'));
    await agent.post(url('/logout?everywhere=1'), {});
    expect((await elsewhere.xhr(url('/globex/x'))).status).toBe(401);
    await elsewhere.close();
  });

  it('a provider ends its own sessions, by a frame or a call at its own address', async () => {
    await agent.navigate(url('/globex/x'));
    const sid = globex.issued[0]?.sid ?? '';
    const frame = (name: string, iss: string) =>
      agent.get(url(`/front_channel_logout/${name}?sid=${sid}&iss=${encodeURIComponent(iss)}`));
    expect((await frame('acme', acme.issuer)).status).toBe(200); // of a session that acme has not
    expect((await frame('acme', globex.issuer)).status).toBe(400);
    expect(await status('/globex/x')).toBe(200);
    expect((await frame('globex', globex.issuer)).status).toBe(200);
    expect(await status('/globex/x')).toBe(401);

    await agent.navigate(url('/globex/x'));
    const token = await globex.logoutToken(logoutClaims({ iss: globex.issuer, aud: globex.client.id }, { sub: 'bob' }));
    const call = (name: string) => agent.post(url(`/back_channel_logout/${name}`), { logout_token: token });
    expect((await call('acme')).status).toBe(400);
    expect(await status('/globex/x')).toBe(200);
    expect((await call('globex')).status).toBe(200);
    expect(await status('/globex/x')).toBe(401);
  });

  it('a second sign-in retires the first session, also of another provider', async () => {
    await agent.navigate(url('/acme/x'));
    const cookie = (await agent.cookies(site.url)).map((one) => one.cookieString()).join('; ');
    const open = async () => (await agent.xhr(url('/acme/x'), { headers: { cookie } })).status;
    const ends = async () =>
      (await agent.get(url('/probe')))
        .json<[string, string][]>()
        .filter(([key]) => key.startsWith('s:'))
        .map(([, text]) => Number(/\n(\d+)/.exec(text)?.[1]) - Date.now() / 1000)
        .filter((seconds) => seconds < 40).length;
    const before = await ends();
    await agent.navigate(url('/globex/x'));
    expect([await chosen(), await ends(), await open()]).toEqual(['globex', before + 1, 200]); // for requests under way
  });

  it.each(['/_codexch', '/_codexch/', '/_codexch/evil', '/_codexch/acme/x', '/_codexchacme'])(
    'the callback %s belongs to no provider',
    async (path) => {
      const answer = await agent.get(url(`${path}?code=C&state=${'A'.repeat(43)}`), {
        headers: { cookie: 'oidc_login_AAAAAAAAAAAAAAAA=x; oidc_provider=acme' },
      });
      expect([answer.status, answer.headers.location]).toEqual([404, undefined]);
    },
  );

  it.each(['/_oidc_login/evil', '/front_channel_logout', '/front_channel_logout/evil?sid=x', '/_oidc_sessions'])(
    '%s names no provider',
    async (path) => {
      expect((await agent.get(url(path), { headers: { 'sec-fetch-site': undefined } })).status).toBe(404);
    },
  );

  it('a link may not lead to another site', async () => {
    for (const path of ['//evil.test', 'https://evil.test/', '/\\evil.test', 'javascript:alert(1)']) {
      for (const address of ['/_oidc_login', '/_oidc_login/acme']) {
        const answer = await agent.get(url(`${address}?return=${encodeURIComponent(path)}`));
        expect([path, answer.status, answer.headers.location]).toEqual([path, 400, undefined]);
      }
      const posted = await agent.post(url('/_oidc_login'), { email: 'bob@globex.example', return: path });
      expect([path, posted.status, posted.headers.location]).toEqual([path, 400, undefined]);
    }
  });

  it('/_oidc_check looks at all of them, or at one', async () => {
    const ask = async (query: string) => {
      const answer = await agent.get(url(`/_oidc_check?format=json${query}`));
      const { findings } = answer.json() as unknown as { findings: { about: string; value: string; state: string }[] };
      return { status: answer.status, of: (about: string) => findings.find((one) => one.about === about) };
    };
    const all = await ask('');
    expect(all.status).toBe(200);
    for (const [name, { issuer }] of Object.entries(named())) {
      expect(all.of(`${name}: $oidc_issuer`)?.value).toBe(issuer);
      expect(all.of(`${name}: redirect URI`)?.value).toBe(url(`/_codexch/${name}`));
      expect(all.of(`${name}: keys`)?.state).toBe('ok');
    }
    expect(all.of('$oidc_provider')).toBeUndefined();
    const one = await ask('&provider=globex');
    expect([one.of('globex: $oidc_client')?.value, one.of('acme: $oidc_client')]).toEqual([
      'site-at-globex',
      undefined,
    ]);
  });

  it('/_oidc_check names maps that NGINX evaluates once, and a set in server {} that undoes those of locations', async () => {
    const ask = async (one: Site) => (await agent.get(`${one.url}/_oidc_check`)).text;
    const options = { nginx, providers: named(), application: application.address };
    const check = (conf: string) =>
      `${conf}location = /_oidc_check { auth_request off; js_import oidc_operator from conf.d/openid_connect_operator.js; js_content oidc_operator.checkConfiguration; }\n`;
    const fixed = await startSiteWithProviders({
      ...options,
      editServer: check,
      providers: { acme: named().acme, globex: named().acme },
    });
    expect(await ask(fixed)).toContain('does each map of $oidc_provider say "volatile;"?');
    const set = await startSiteWithProviders({
      ...options,
      choice: '',
      editServer: (c) => `${check(c)}set $oidc_provider acme;\n`,
    });
    expect(await ask(set)).toMatch(/warning +\$oidc_provider +set in server/);
    const mapped = await startSiteWithProviders({ ...options, choice: byChoice, editServer: check });
    expect(await ask(mapped)).not.toMatch(/warning +\$oidc_provider/);
  });

  it('a form that was sent without a session goes to the choice, and out for whoever signs in at either', async () => {
    const send = async (path: string) => {
      const headers = { 'content-type': 'text/plain' };
      const { text } = await agent.get(url(path), { method: 'POST', body: 'a=1', from: url('/form'), headers });
      return { login: /data-login="([^"]+)"/.exec(text)?.[1], sealed: / value="([\w-]+)"/.exec(text)?.[1] ?? '' };
    };
    const open = (sealed: string) => agent.xhr(url('/_oidc_return'), { method: 'POST', body: sealed });
    const signIn = (at: string) => agent.navigate(url(`/_oidc_login/${at}?return=%2F_oidc_return%23form`));
    const form = await send('/orders');
    expect([form.login, (await send('/globex/orders')).login]).toEqual(['/_oidc_login', '/_oidc_login/globex']);
    expect((await signIn('globex')).text).toContain('data-signed="1"');
    expect((await open(form.sealed)).json()).toMatchObject({ path: '/orders' });

    await agent.get(url('/logout'), { from: url('/') });
    const bobs = await send('/orders');
    await signIn('acme');
    expect((await open(bobs.sealed)).status).toBe(200); // nobody was signed in when it was sent
  });

  it('a form of somebody who signed in at one provider does not go out for somebody at another', async () => {
    const headers = { 'content-type': 'text/plain', cookie: `auth_token=${'A'.repeat(43)}` };
    for (const [first, second] of [
      ['acme', 'globex'],
      ['globex', 'acme'],
    ]) {
      await agent.navigate(url(`/_oidc_login/${first}`));
      await agent.jar.removeAllCookies();
      await agent.navigate(url(`/_oidc_login/${first}`));
      const page = await agent.get(url('/orders'), { method: 'POST', body: 'a=1', from: url('/form'), headers });
      await agent.get(url('/logout'), { from: url('/') });
      await agent.navigate(url(`/_oidc_login/${second}?return=/`));
      const sealed = / value="([\w-]+)"/.exec(page.text)?.[1] ?? '';
      const open = () => agent.xhr(url('/_oidc_return'), { method: 'POST', body: sealed });
      expect((await open()).json()).toEqual({ error: 'form_not_sent', reason: 'other_person' });
      await agent.get(url('/logout'), { from: url('/') });
      await agent.navigate(url(`/_oidc_login/${first}?return=/`));
      expect((await open()).json()).toEqual({ error: 'form_not_sent', reason: 'other_person' });
    }
  });

  it('each registers the site with addresses of its own', async () => {
    const headers = { 'sec-fetch-site': undefined, 'sec-fetch-mode': undefined, 'sec-fetch-dest': undefined };
    const ask = (query: string) => agent.xhr(`${site.url}/_oidc_register${query}`, { method: 'POST', headers });
    const printed = await ask('?provider=globex');
    expect([printed.status, printed.text]).toEqual([
      201,
      expect.stringContaining('In the maps of $oidc_provider, for globex'),
    ]);
    expect(acme.requests('/register')).toEqual([]);
    const { redirect_uris, initiate_login_uri } = JSON.parse(globex.requests('/register')[0]?.body ?? '');
    expect([redirect_uris, initiate_login_uri]).toEqual([[`${site.url}/_codexch/globex`], undefined]);
    const unnamed = await ask('');
    expect([unnamed.status, unnamed.text]).toEqual([404, expect.stringContaining('/_oidc_register?provider=acme')]);
  });
});
