import { expect, it } from 'vitest';
import { onEachTarget } from '../support/nginx';
import { authorizationRequest, callbackFor, cookieOf, useScene } from './site';

onEachTarget('callback, without PKCE', (nginx) => {
  const scene = useScene(nginx, { changes: { alsoSet: { oidc_pkce_enable: '0' } } });

  it('U1 a callback whose state is missing, 0 or from another browser is refused before any token request', async () => {
    const { agent, provider } = scene;
    const victim = scene.browser();
    const stolen = await callbackFor(scene, victim);
    for (const state of [undefined, '0', '', 'undefined', stolen.searchParams.get('state') as string]) {
      const callback = await callbackFor(scene);
      if (state === undefined) callback.searchParams.delete('state');
      else callback.searchParams.set('state', state);
      const answer = await agent.get(callback.href);
      expect([state, answer.status]).toEqual([state, 400]);
    }
    expect(await cookieOf(agent, scene.site.url, 'auth_token')).toBeUndefined();
    expect(provider.requests('/token')).toHaveLength(0);
    const honest = scene.browser();
    expect((await honest.get((await callbackFor(scene, honest)).href)).status).toBe(302);
    expect(provider.requests('/token')).toHaveLength(1);
    expect(provider.requests('/authorize')[0]?.query.has('code_challenge')).toBe(false);
  });
});

onEachTarget('callback', (nginx) => {
  const scene = useScene(nginx);

  it('U2 a callback with the state and the code of another browser signs nobody in', async () => {
    const attacker = scene.browser();
    const planted = await callbackFor(scene, attacker);
    await authorizationRequest(scene); // the victim has a login of its own open
    const answer = await scene.agent.get(planted.href, { from: 'https://evil.test/' });
    expect(answer.status).toBe(400);
    expect(await cookieOf(scene.agent, scene.site.url, 'auth_token')).toBeUndefined();
    expect(scene.provider.requests('/token')).toHaveLength(0);
  });

  it('U2 the login cookie of one login does not open another one', async () => {
    const first = await callbackFor(scene);
    const name = `oidc_login_${first.searchParams.get('state')?.slice(0, 16)}`;
    const second = await callbackFor(scene);
    const other = `oidc_login_${second.searchParams.get('state')?.slice(0, 16)}`;
    const value = await cookieOf(scene.agent, scene.site.url, other);
    const swapped = { cookie: `${name}=${value}` };
    expect((await scene.browser().get(first.href, { headers: swapped })).status).toBe(400);
    expect(scene.provider.requests('/token')).toHaveLength(0);
  });

  it('A29 state is another one in each login, and good for one callback', async () => {
    const states = new Set<string | null>();
    for (let i = 0; i < 8; i++)
      states.add((await authorizationRequest(scene, scene.browser())).searchParams.get('state'));
    expect(states.size).toBe(8);
    const callback = await callbackFor(scene);
    expect((await scene.agent.get(callback.href)).status).toBe(302);
    const kept = await cookieOf(scene.agent, scene.site.url, 'auth_token');
    const again = await scene.agent.get(callback.href);
    expect([again.status, again.headers.location, again.setCookies]).toEqual([302, '/', []]);
    await scene.agent.jar.removeAllCookies();
    expect((await scene.agent.get(callback.href)).status).toBe(400);
    expect((await scene.agent.get(callback.href, { headers: { cookie: `auth_token=${kept}x` } })).status).toBe(400);
    expect(scene.provider.requests('/token')).toHaveLength(1);
  });

  it('U2 a forged callback leads a signed-in person to the front page: no call, no cookie, the same session', async () => {
    const { agent, provider, site } = scene;
    const attacker = scene.browser();
    const planted = await callbackFor(scene, attacker);
    const secret = await scene.signedIn();
    const before = { calls: provider.requests().length, store: await scene.store() };
    const forged = [
      planted.href,
      `${site.url}/_codexch?code=x&state=${'A'.repeat(43)}`,
      `${site.url}/_codexch?error=access_denied&error_description=Call%20me&state=x`,
      `${site.url}/_codexch?error=access_denied`,
    ];
    for (const href of forged) {
      const answer = await agent.get(href, { from: 'https://evil.test/' });
      expect([answer.status, answer.headers.location, answer.setCookies]).toEqual([302, '/', []]);
    }
    expect(provider.requests().length).toBe(before.calls);
    expect(await scene.store()).toEqual(before.store);
    expect(scene.echo(await agent.get(`${site.url}/`)).headers.username).toBe('alice');
    expect(await cookieOf(agent, site.url, 'auth_token')).toBe(secret);
  });

  it('U2 a signed-in person finishes another login that the browser began, and the new session replaces the old', async () => {
    const { agent, provider, site } = scene;
    const callback = await callbackFor(scene, agent, '/second');
    const first = await scene.signedIn();
    const end = await agent.get(callback.href);
    expect([end.status, end.headers.location]).toEqual([302, '/second']);
    expect(provider.requests('/token')).toHaveLength(2);
    expect(await cookieOf(agent, site.url, 'auth_token')).not.toBe(first);
  });

  it('the session cookie is the first Set-Cookie line of a callback', async () => {
    const { setCookies } = await scene.agent.get((await callbackFor(scene)).href);
    expect(setCookies.map((line) => line.replace(/=.*/, ''))).toEqual([
      'auth_token',
      expect.stringMatching(/^oidc_login_/),
      'oidc_person',
      'oidc_person',
      'oidc_attempts',
    ]);
  });

  it('an error of the provider with no state, or an unknown one, is shown as text and logged, and ends no login', async () => {
    const { agent, site } = scene;
    const callback = await callbackFor(scene, agent, '/page');
    const said = 'error=invalid_request&error_description=%3Cscript%3Estate%0d%0atoo+short';
    for (const state of ['', `&state=${'A'.repeat(43)}`, '&state=0']) {
      const { status, text, headers } = await agent.get(`${site.url}/_codexch?${said}${state}`);
      expect([status, headers.location]).toEqual([400, undefined]);
      expect(text).toContain('What came back says: invalid_request: &lt;script&gt;state??too short');
      const reference = /Reference: (\w+)/.exec(text)?.[1];
      expect(site.nginx.errorLog()).toMatch(
        new RegExp(
          `(?:login_expired|callback_invalid) ref=${reference} .* says invalid_request: <script>state\\?\\?too short`,
        ),
      );
    }
    expect((await agent.get(callback.href)).headers.location).toBe('/page');
  });

  it('U5 state, nonce, verifier and session id are 256 random bits each, never the same twice', async () => {
    const seen: Record<string, Set<string>> = {};
    const note = (name: string, value: string | null | undefined) => {
      expect(value, name).toMatch(/^[A-Za-z0-9_-]{43}$/);
      seen[name] = (seen[name] ?? new Set()).add(String(value));
    };
    for (let i = 0; i < 12; i++) {
      const agent = scene.browser();
      note('session', await scene.signedIn(agent));
      const query = scene.provider.requests('/authorize')[i]?.query;
      for (const name of ['state', 'nonce', 'code_challenge']) note(name, query?.get(name));
      note('code_verifier', scene.provider.requests('/token')[i]?.form.get('code_verifier'));
    }
    for (const [name, values] of Object.entries(seen)) expect([name, values.size]).toEqual([name, 12]);
    // each position takes many letters: no counter, time or constant part
    for (const values of Object.values(seen)) {
      for (let at = 0; at < 42; at++) expect(new Set([...values].map((value) => value[at])).size).toBeGreaterThan(4);
    }
  });

  it('A13 a callback that is broken, doubled or incomplete is a 400, and the worker lives', async () => {
    const workers = scene.site.nginx.workers();
    const { searchParams } = await callbackFor(scene);
    const state = `${searchParams.get('state')}&iss=${searchParams.get('iss')}`; // nothing else is wrong
    const queries = [
      '',
      '?',
      `state=${state}`,
      'code=abc',
      `code=&state=${state}`,
      `code=abc&state=${state}&error=access_denied`,
      `code=abc&state=${state}&state=${state}`,
      `code=abc&code=abc&state=${state}`,
      `code=abc&%63ode=abc&state=${state}`,
      `iss=${scene.provider.issuer}&code=abc&state=${searchParams.get('state')}%00`,
      `code=abc&state[]=${state}`,
      `code=%zz&state=${state}`,
      `code=%ff%fe&state=${state}`,
      `code=${'a'.repeat(6000)}&state=`,
      `__proto__=1&state=${state}`,
      '&&&=&=&',
      `state=${'A'.repeat(43)}&code=x`,
    ];
    for (const query of queries) {
      const { status, text } = await scene.agent.get(`${scene.site.url}/_codexch?${query}`);
      expect([query, status]).toEqual([query, 400]);
      expect(text).toContain('</html>');
    }
    for (const method of ['POST', 'PUT', 'HEAD', 'OPTIONS']) {
      const { status } = await scene.agent.get(`${scene.site.url}/_codexch?code=x&state=${state}`, { method });
      expect([method, status]).toEqual([method, 400]);
    }
    expect(scene.provider.requests('/token')).toHaveLength(0);
    expect(scene.site.nginx.errorLog()).toMatch(/callback_invalid/);
    expect(scene.site.nginx.workers()).toEqual(workers);
  });

  it('A25 parameters of the person cannot change scope, redirect_uri, nonce or anything of the authorization request', async () => {
    const forged = 'scope=admin&redirect_uri=https://evil.test&nonce=1&state=1&client_id=evil&prompt=none&acr_values=0';
    const request = await authorizationRequest(scene, scene.agent, `/page?${forged}`);
    expect([...request.searchParams.keys()].sort()).toEqual([
      'client_id',
      'code_challenge',
      'code_challenge_method',
      'nonce',
      'redirect_uri',
      'response_type',
      'scope',
      'state',
    ]);
    expect(request.searchParams.get('client_id')).toBe('test-client');
    expect(request.searchParams.get('redirect_uri')).toBe(`${scene.site.url}/_codexch`);
    expect(request.searchParams.get('scope')).toBe('openid profile email offline_access');
  });

  it('U18 two tabs, ten tabs and a storm of scripts: every login completes, and the cookies stay few', async () => {
    const { agent, site } = scene;
    const callbacks: URL[] = [];
    for (let tab = 0; tab < 10; tab++) callbacks.push(await callbackFor(scene, agent, `/tab/${tab}`));
    const storm = await Promise.all(Array.from({ length: 50 }, (_, i) => agent.xhr(`${site.url}/api/${i}`)));
    expect(new Set(storm.map((one) => one.status))).toEqual(new Set([401]));
    expect(storm.flatMap((one) => one.setCookies)).toEqual([]);
    const ends = await Promise.all(callbacks.map((callback) => agent.get(callback.href)));
    expect(ends.map((end) => end.headers.location)).toEqual(
      callbacks.map((_, tab) => expect.stringMatching(new RegExp(`/tab/${tab}$`))),
    );
    expect((await agent.get(`${site.url}/`)).status).toBe(200);
    expect((await agent.cookieNames(site.url)).sort()).toEqual(['auth_token', 'oidc_attempts']);
  });
});
