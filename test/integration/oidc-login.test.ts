import { expect, it } from 'vitest';
import { cookieOf, useScene } from '../security/site';
import { onEachTarget } from '../support/nginx';

onEachTarget('/_oidc_login', (nginx) => {
  const scene = useScene(nginx, {
    workers: 2,
    changes: { alsoSet: { oidc_authz_extra_args: 'ui_locales=de' } },
    editServer: (conf) => `${conf}\nlocation /public/ { auth_request off; return 200 "public"; }\n`,
  });
  const link = (query = '') => `${scene.site.url}/_oidc_login${query && `?${query}`}`;
  const thirdParty = (more: Record<string, string> = {}) =>
    link(new URLSearchParams({ iss: scene.provider.issuer, ...more }).toString());

  it('is a "Sign in" link: to the provider, and back to the path', async () => {
    const page = await scene.agent.navigate(link(`return=${encodeURIComponent('/reports?year=2026&a=%26')}`));
    expect([page.status, scene.echo(page).url]).toEqual([200, '/reports?year=2026&a=%26']);
    expect(page.trail[0]?.setCookies).toEqual([expect.stringMatching(/^oidc_login_/)]);
    expect(scene.echo(page).headers.username).toBe('alice');
  });

  it('leads to the front page by itself, and back to public pages', async () => {
    expect(scene.echo(await scene.agent.navigate(link())).url).toBe('/');
    const other = scene.browser();
    expect((await other.navigate(link('return=/public/'))).text).toBe('public');
    expect((await other.xhr(`${scene.site.url}/`)).status).toBe(200);
  });

  it.each(['GET', 'POST'])('takes a third party by %s, and hands on who it may be', async (method) => {
    const parameters = {
      iss: scene.provider.issuer,
      login_hint: 'al&ice@example.com',
      target_link_uri: `${scene.site.url}/inbox`,
    };
    const from = 'https://portal.test/apps';
    const begin =
      method === 'GET'
        ? await scene.agent.get(thirdParty(parameters), { from })
        : await scene.agent.post(link(), parameters, { from });
    const page =
      method === 'GET'
        ? await scene.agent.navigate(String(begin.headers.location))
        : await scene.agent.navigate(new URL(String(begin.headers.location), link()).href, { from });
    expect([page.status, scene.echo(page).url]).toEqual([200, '/inbox']);
    const [request] = scene.provider.requests('/authorize');
    expect(request?.query.get('login_hint')).toBe('al&ice@example.com');
    expect(request?.query.get('ui_locales')).toBe('de');
  });

  it.each(['GET', 'POST'])('leaves whoever is signed in, by %s, and goes to the path at once', async (method) => {
    const secret = await scene.signedIn();
    const calls = scene.provider.requests().length;
    const from = 'https://evil.test/page';
    const form = { iss: scene.provider.issuer, login_hint: 'mallory', target_link_uri: '/inbox' };
    const page =
      method === 'GET'
        ? await scene.agent.navigate(thirdParty({ login_hint: 'mallory', target_link_uri: '/inbox' }), { from })
        : await scene.agent.navigate(link(), { method: 'POST', form, from });
    expect([page.status, scene.echo(page).url]).toEqual([200, '/inbox']);
    expect(await cookieOf(scene.agent, scene.site.url, 'auth_token')).toBe(secret);
    expect(scene.provider.requests()).toHaveLength(calls);
  });

  it('refuses what another site could lead astray with, without a cookie or a call of the provider', async () => {
    const wrong = [
      link('return=https%3A%2F%2Fevil.test'),
      link('return=%2F%2Fevil.test'),
      link('return=/a&return=/b'),
      link('login_hint=alice'),
      thirdParty({ iss: `${scene.provider.issuer}/` }),
      thirdParty({ target_link_uri: 'https://evil.test/' }),
      thirdParty({ target_link_uri: `http://127.0.0.1:${scene.site.port}@evil.test/` }),
      thirdParty({ login_hint: 'x'.repeat(1001) }),
    ];
    for (const url of wrong) {
      const query = Object.fromEntries(new URL(url).searchParams);
      for (const answer of [await scene.agent.get(url), await scene.agent.post(link(), query)]) {
        if (answer.headers.location !== undefined && url.includes('&return=')) continue; // a form cannot say it twice here
        expect([url, answer.status, answer.setCookies]).toEqual([url, 400, []]);
        expect(answer.text).toContain('This sign-in link does not work');
      }
    }
    expect(scene.provider.requests()).toEqual([]);
  });

  it('begins no login for an image, a script or a frame that is none', async () => {
    for (const headers of [
      { 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' },
      { 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' },
      { 'x-requested-with': 'XMLHttpRequest' },
    ]) {
      const answer = await scene.agent.get(link(), { headers });
      expect([answer.status, answer.setCookies]).toEqual([401, []]);
    }
    expect((await scene.agent.get(link(), { method: 'PUT' })).setCookies).toEqual([]);
  });

  it('signs nobody out, wherever it leads', async () => {
    const from = 'https://evil.test/page';
    const out = `return=${encodeURIComponent('/logout?everywhere=1')}`;
    const stranger = await scene.agent.navigate(link(out), { from });
    expect([stranger.status, stranger.text]).toEqual([200, expect.stringContaining('Do you want to sign out')]);
    expect((await scene.agent.xhr(`${scene.site.url}/`)).status).toBe(200); // has just signed in
    const again = await scene.agent.navigate(link('return=/logout'), { from });
    expect([again.status, again.text]).toEqual([200, expect.stringContaining('Do you want to sign out')]);
    expect((await scene.agent.xhr(`${scene.site.url}/`)).status).toBe(200);
  });

  it('that leads to itself comes to an end', async () => {
    const nested = `return=${encodeURIComponent(`/_oidc_login?return=${encodeURIComponent('/_oidc_login?return=/end')}`)}`;
    const page = await scene.agent.navigate(link(nested));
    expect([page.status, scene.echo(page).url]).toEqual([200, '/end']);
  });
});
