import { expect, it } from 'vitest';
import type { Agent, Answer, RequestOptions } from '../support/agent';
import { onEachTarget } from '../support/nginx';
import { cookieOf, useScene } from './site';

const evil = 'https://evil.test/page';
const sealedIn = (page: Answer) => /<data id="sealed" value="([\w-]+)">/.exec(page.text)?.[1] ?? '';

onEachTarget('forms that are kept', (nginx) => {
  const scene = useScene(nginx, { workers: 2 });
  const url = (path: string) => scene.site.url + path;
  const post = (body: string, options: RequestOptions = {}, path = '/orders', agent: Agent = scene.agent) =>
    agent.get(url(path), {
      method: 'POST',
      body,
      from: url('/form'),
      ...options,
      headers: { 'content-type': 'text/plain', ...options.headers },
    });
  const open = (sealed: string, options: RequestOptions = {}, agent: Agent = scene.agent) =>
    agent.xhr(url('/_oidc_return'), { method: 'POST', body: sealed, ...options });
  const withoutFetchMetadata = {
    'sec-fetch-site': undefined,
    'sec-fetch-mode': undefined,
    'sec-fetch-dest': undefined,
  };

  it('are of the own pages alone, as far as the browser proves it', async () => {
    const own = new URL(scene.site.url).origin;
    const kept: [string, RequestOptions, boolean][] = [
      ['own page', {}, true],
      ['another site', { from: evil }, false],
      ['another port of this host', { from: 'http://127.0.0.1:1/' }, false],
      ['typed, or a program', { headers: { 'sec-fetch-site': 'none' } }, false],
      ['another site, own Origin', { from: evil, headers: { origin: own } }, false],
      ['own page with Origin null', { headers: { origin: 'null' } }, true],
      ['no Fetch Metadata, own Origin', { headers: { ...withoutFetchMetadata, origin: own } }, true],
      ['no Fetch Metadata, Origin null', { headers: { ...withoutFetchMetadata, origin: 'null' } }, false],
      ['no Fetch Metadata, longer Origin', { headers: { ...withoutFetchMetadata, origin: `${own}.evil.test` } }, false],
      ['neither, own Referer', { headers: { ...withoutFetchMetadata, referer: `${own}/form` } }, false],
    ];
    for (const [what, options, isKept] of kept) {
      const page = await post('a=1', options);
      expect([what, page.status, sealedIn(page) !== '', page.setCookies]).toEqual([what, 401, isKept, []]);
    }
  });

  it('are opened for the own pages alone, for who is signed in, and only what was kept here', async () => {
    const sealed = sealedIn(await post('a=1'));
    expect((await open(sealed)).json()).toEqual({ error: 'login_required', sign_in: '/_oidc_login' });
    await scene.signedIn();
    expect((await open(sealed, { from: evil })).status).toBe(403);
    expect(
      (
        await open(sealed, {
          from: evil,
          headers: { cookie: `auth_token=${await cookieOf(scene.agent, scene.site.url, 'auth_token')}` },
        })
      ).json(),
    ).toEqual({
      error: 'form_not_sent',
      reason: 'other_site',
    });
    expect((await open(sealed, { headers: { 'sec-fetch-site': undefined } })).status).toBe(403);
    for (const forged of [
      '',
      'x',
      sealed.slice(0, -1),
      `${sealed}A`,
      'A'.repeat(4_000_001),
      JSON.stringify({ path: '/' }),
    ]) {
      expect((await open(forged)).json()).toEqual({ error: 'form_not_sent', reason: 'expired' });
    }
    expect((await open(sealed)).status).toBe(200);
    expect((await open(sealed)).json()).toEqual({ error: 'form_not_sent', reason: 'sent' });
  });

  it('are opened for no other person than the one who was signed in', async () => {
    await scene.signedIn();
    await scene.agent.get(url('/logout')); // the session ends, the browser keeps what it has
    const old = { cookie: `auth_token=${'A'.repeat(43)}` };
    const sealed = sealedIn(await post('a=1', { headers: old }));
    const bob = scene.browser();
    await scene.signedIn(bob); // cookies of its own: nobody knows who was there before
    expect((await open(sealed, {}, bob)).json()).toEqual({ error: 'form_not_sent', reason: 'other_person' });
    const cookie = `auth_token=${await cookieOf(bob, scene.site.url, 'auth_token')}; oidc_person=${'A'.repeat(120)}`;
    expect((await open(sealed, { headers: { cookie } }, bob)).json()).toEqual({
      error: 'form_not_sent',
      reason: 'other_person',
    });
  });

  it('A15 empty, without a type or malformed crash nothing, and nothing of them is HTML', async () => {
    const breakout = '"></data><script>alert(1)</script>\u2028';
    const pages = [
      await post(''),
      await post('', { headers: { 'content-type': undefined } }),
      await post(breakout),
      await post(breakout, {
        headers: { 'content-type': `multipart/form-data; boundary=${encodeURI(breakout)}"><script>` },
      }),
      await post('a=1', { target: '/orders?"><script>alert(1)</script>' }),
    ];
    for (const page of pages) {
      expect(page.status).toBe(401);
      expect(page.text).not.toMatch(/alert\(1\)<|<script>|<script(?! src="\/_oidc_return\?script" nonce="[\w-]{22}")/);
      expect(page.headers['cache-control']).toBe('no-store');
    }
    const [empty] = pages as [Answer];
    const policy = String(empty.headers['content-security-policy']);
    const nonce = /nonce="([\w-]{22})"/.exec(empty.text)?.[1];
    expect(policy).toContain(`script-src 'nonce-${nonce}'`);
    expect(policy).toMatch(/default-src 'none'.*form-action 'self'.*frame-ancestors 'none'.*base-uri 'none'/);
    await scene.signedIn();
    expect((await open(sealedIn(pages[2] as Answer))).text).not.toContain('<');
  });

  it('never reach the application, the provider, the store or a log by themselves', async () => {
    const secret = 'the-persons-secret';
    const page = await post(`a=${secret}`);
    await scene.signedIn();
    await open(sealedIn(page));
    expect(page.text).not.toContain(secret);
    expect(JSON.stringify(await scene.store())).not.toContain(secret);
    expect(scene.site.nginx.errorLog()).not.toContain(secret);
    expect(JSON.stringify(scene.provider.requests())).not.toContain(secret);
    expect(scene.application.requests.filter(({ method }) => method === 'POST')).toEqual([]);
  });

  it('who signed in is told to no other page, and to no application', async () => {
    await scene.signedIn();
    expect((await scene.agent.cookies(url('/orders'))).map(({ key }) => key)).not.toContain('oidc_person');
    expect((await scene.agent.cookies(url('/_oidc_return'))).map(({ key }) => key)).toContain('oidc_person');
    const echo = scene.echo(
      await scene.agent.get(url('/'), {
        headers: {
          cookie: `${(await scene.agent.cookies(url('/'))).map((one) => one.cookieString()).join('; ')}; oidc_person=x; __Secure-oidc_person=y; app=1`,
        },
      }),
    );
    expect(echo.headers.cookie).toBe('app=1');
  });
});
