import { expect, it } from 'vitest';
import { logoutClaims } from '../support/logout-claims';
import { brokenSignature, resigned, signingKey, unsigned } from '../support/misbehaving-provider';
import { onEachTarget } from '../support/nginx';
import { testClient, testHmacKey } from '../support/site';
import { cookieOf, useScene } from './site';

const uncommented = (conf: string) =>
  conf.replace(/# (location = \/_oidc_sessions \{)\n(?:# .*\n)+/, (block) => block.replace(/^# ?/gm, ''));

onEachTarget('sign-out, and logins that others begin', (nginx) => {
  const scene = useScene(nginx, { workers: 2, editServer: uncommented });
  const from = 'https://evil.test/page';
  const noBrowser = { 'sec-fetch-site': undefined, 'sec-fetch-mode': undefined, 'sec-fetch-dest': undefined };
  const url = (path: string) => scene.site.url + path;
  const lastSid = () => String(scene.provider.issued.at(-1)?.sid);
  const isIn = async (agent = scene.agent) => (await agent.xhr(url('/'))).status === 200;
  const claims = (changes: Record<string, unknown> = {}) =>
    logoutClaims({ iss: scene.provider.issuer, aud: testClient.id }, { sid: lastSid(), sub: 'alice', ...changes });
  const call = async (form: Record<string, string>, headers: Record<string, string> = {}) =>
    scene.browser().xhr(url('/back_channel_logout'), { method: 'POST', form, headers: { ...noBrowser, ...headers } });

  it('A23 A34 a logout token that the provider did not sign for this client, a moment ago, ends nothing', async () => {
    await scene.signedIn();
    const { provider } = scene;
    const proper = await provider.logoutToken(claims());
    const now = Math.floor(Date.now() / 1000);
    const stranger = (await signingKey('RS256', 88)).privateKey;
    const { publicPem } = await signingKey('RS256', 1);
    const forged = [
      unsigned(proper),
      brokenSignature(proper),
      resigned(proper, stranger),
      resigned(proper, stranger, { kid: 'unknown' }),
      resigned(proper, stranger, { kid: undefined }),
      resigned(proper, publicPem, { alg: 'HS256' }),
      resigned(proper, testClient.secret, { alg: 'HS256' }),
      resigned(proper, testHmacKey, { alg: 'HS256', kid: undefined }),
      `${proper.split('.').slice(0, 2).join('.')}.`,
      String(provider.issued.at(-1)?.idToken),
      await provider.logoutToken(claims({ aud: 'another-client' })),
      await provider.logoutToken(claims({ iss: 'https://evil.test' })),
      await provider.logoutToken(claims({ iat: now - 3600, exp: now + 3600 })),
      await provider.logoutToken(claims({ exp: now - 60 })),
      await provider.logoutToken(claims({ exp: 1e300 })),
      await provider.logoutToken(claims({ nonce: 'N' })),
      await provider.logoutToken(claims({ events: {} })),
      await provider.logoutToken(claims(), { typ: 'at+jwt' }),
      await provider.logoutToken('[]'),
      await provider.logoutToken('{"sub":'),
    ];
    const statuses = [];
    for (const token of forged) statuses.push((await call({ logout_token: token })).status);
    expect(statuses).toEqual(forged.map(() => 400));
    expect(provider.requests('/jwks').length).toBeLessThan(6); // however many keys a stranger names
    expect(await isIn()).toBe(true);
    expect((await call({ logout_token: proper })).status).toBe(200);
    expect(await isIn()).toBe(false);
  });

  it('A35 a logout token that somebody recorded ends nothing a second time, on no worker', async () => {
    await scene.signedIn();
    const token = await scene.provider.logoutToken(claims({ sid: undefined }));
    expect((await call({ logout_token: token })).status).toBe(200);
    await scene.signedIn(scene.browser());
    const again = scene.browser();
    await scene.signedIn(again);
    for (let n = 0; n < 6; n++) expect((await call({ logout_token: token })).status).toBe(400);
    expect(await isIn(again)).toBe(true);
  });

  it('A36 signing out everywhere is what the own page asks for by POST, and nobody else', async () => {
    const other = scene.browser();
    await scene.signedIn(other);
    await scene.signedIn();
    const { agent } = scene;
    const everywhere = url('/logout?everywhere=1');
    for (const answer of [
      await agent.get(everywhere, { from }),
      await agent.get(everywhere, { headers: { 'sec-fetch-site': 'same-origin' } }),
      await agent.get(everywhere),
      await agent.post(everywhere, {}, { from }),
      await agent.post(everywhere, {}, { headers: { 'sec-fetch-site': 'same-site' } }),
      await agent.post(everywhere, {}, { headers: { origin: 'https://evil.test', 'sec-fetch-site': undefined } }),
      await agent.post(everywhere, {}, { headers: { origin: 'null', 'sec-fetch-site': undefined } }),
      await agent.xhr(everywhere, { method: 'POST', from }),
    ]) {
      expect([answer.status, answer.setCookies]).toEqual([200, []]);
      expect(answer.text).toContain('<form method="post" action="/logout?everywhere=1">');
    }
    expect([await isIn(), await isIn(other)]).toEqual([true, true]);
    expect((await agent.post(everywhere, {}, { from: url('/') })).status).toBe(302);
    expect([await isIn(), await isIn(other)]).toEqual([false, false]);
  });

  it('A37 A3 a login that another site begins leads to no other site, takes no other provider, and replaces no session', async () => {
    const { agent, provider } = scene;
    const targets = [
      'https://evil.test/',
      '//evil.test',
      '/\\evil.test',
      `${url('')}@evil.test/`,
      `${url('')}.evil.test/`,
    ];
    for (const target of targets.concat(['javascript:alert(1)', '/\r\nX: y', '/x\n', '/\t/evil.test'])) {
      for (const query of [{ return: target }, { iss: provider.issuer, target_link_uri: target }]) {
        const form = query as unknown as Record<string, string>;
        const page = await agent.get(url(`/_oidc_login?${new URLSearchParams(form)}`), { from });
        const posted = await agent.post(url('/_oidc_login'), form, { from });
        for (const answer of [page, posted]) {
          expect([target, answer.status, answer.setCookies, answer.headers.location]).toEqual([
            target,
            400,
            [],
            undefined,
          ]);
        }
      }
    }
    const iss = new URLSearchParams({ iss: 'https://evil.test' });
    expect((await agent.get(url(`/_oidc_login?${iss}`), { from })).status).toBe(400);
    expect(provider.requests('/authorize')).toEqual([]);

    const secret = await scene.signedIn();
    const hint = new URLSearchParams({ iss: provider.issuer, login_hint: 'mallory', target_link_uri: '/' });
    expect((await agent.navigate(url(`/_oidc_login?${hint}`), { from })).status).toBe(200);
    expect(await cookieOf(agent, scene.site.url, 'auth_token')).toBe(secret);
    for (const out of ['/logout', '/logout?everywhere=1']) {
      const page = await agent.navigate(url(`/_oidc_login?return=${encodeURIComponent(out)}`), { from });
      expect([page.status, page.text]).toEqual([200, expect.stringContaining('Do you want to sign out')]);
    }
    expect(await isIn()).toBe(true);
  });

  it('A38 no page that somebody has open on the server ends sessions or counts them', async () => {
    await scene.signedIn();
    const ask = (options: Record<string, unknown>) => scene.browser().xhr(url('/_oidc_sessions'), options);
    for (const headers of [
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-origin' }, // a name of evil.test that leads to 127.0.0.1
      { ...noBrowser, origin: 'https://evil.test' },
    ]) {
      expect((await ask({ method: 'POST', form: { sub: 'alice' }, headers })).status).toBe(403);
      expect((await ask({ headers })).status).toBe(403);
    }
    expect(await isIn()).toBe(true);
    expect((await ask({ method: 'POST', form: { sub: 'alice' }, headers: noBrowser })).status).toBe(200);
    expect(await isIn()).toBe(false);
  });

  it('A39 A9 the new locations believe no cookie that was planted, and set none that was there before', async () => {
    await scene.signedIn();
    const [sid, planted] = [lastSid(), 'planted-by-somebody-0123456789abcdefghijklm'];
    const cookie = `auth_token=${planted}; oidc_login_x=y`;
    const login = await scene.browser().get(url('/_oidc_login?return=/'), { headers: { cookie } });
    expect([login.status, String(login.headers.location)]).toEqual([302, expect.stringContaining('/authorize?')]);
    expect(login.setCookies.join()).not.toContain(planted);
    const token = await scene.provider.logoutToken(claims({ sid: 'nobody-has-this-one', sub: undefined }));
    const called = await call(
      { logout_token: token },
      { cookie: `auth_token=${await cookieOf(scene.agent, url(''), 'auth_token')}` },
    );
    expect([called.status, called.setCookies]).toEqual([200, []]); // the cookie that came along counts for nothing
    const everywhere = await scene.browser().post(url('/logout?everywhere=1'), {}, { headers: { cookie } });
    expect(everywhere.status).toBe(403);
    expect(await isIn()).toBe(true);
    expect((await call({ logout_token: await scene.provider.logoutToken(claims({ sid })) })).status).toBe(200);
  });
});
