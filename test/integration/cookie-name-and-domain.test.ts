import { describe, expect, it } from 'vitest';
import { callbackFor, useScene } from '../security/site';
import { onEachTarget } from '../support/nginx';

onEachTarget("the session cookie's name and domain", (nginx) => {
  const useSite = (set: Record<string, string>) => useScene(nginx, { changes: { alsoSet: set } });
  const lineOf = (lines: string[], name: string) =>
    (lines.find((line) => line.startsWith(`${name}=`)) ?? '').replace(/=[^;]*/, '=...');

  /** Sign-in and sign-out on a site whose TLS ends before NGINX; the Set-Cookie lines of both. */
  async function throughTls(scene: ReturnType<typeof useScene>) {
    const start = await scene.agent.get(`${scene.site.url}/`);
    const back = await scene.agent.get(String(start.headers.location));
    const callback = new URL(String(back.headers.location));
    const end = await scene.agent.get(`${scene.site.url}${callback.pathname}${callback.search}`);
    expect([end.status, end.setCookies[0]?.split('=')[0]]).toEqual([302, expect.stringContaining('shop')]);
    const cookie = String(end.setCookies[0]).split(';')[0] as string;
    const ask = () => scene.browser().xhr(`${scene.site.url}/`, { headers: { cookie } });
    expect((await ask()).status).toBe(200);
    const out = await scene.browser().get(`${scene.site.url}/logout`, { headers: { cookie } });
    expect((await ask()).status).toBe(401);
    return { end: end.setCookies, out: out.setCookies, start: start.setCookies };
  }

  describe('a name of its own', () => {
    const scene = useSite({ oidc_cookie_name: 'shop' });

    it('is that of the cookie, which the application never sees, and leaves it an auth_token', async () => {
      const answer = await scene.agent.get((await callbackFor(scene)).href);
      expect(lineOf(answer.setCookies, 'shop')).toBe('shop=...; Path=/; HttpOnly; SameSite=Lax');
      await scene.agent.jar.setCookie('auth_token=of-the-application; Path=/', scene.site.url);
      for (const _ of ['read', 'kept']) {
        const page = await scene.agent.get(`${scene.site.url}/`);
        expect([page.status, scene.echo(page).headers.cookie]).toEqual([200, 'auth_token=of-the-application']);
      }
      const out = await scene.agent.get(`${scene.site.url}/logout`);
      expect(out.setCookies).toContain('shop=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0');
      expect((await scene.agent.xhr(`${scene.site.url}/`)).status).toBe(401);
    });

    it('is the only one that opens', async () => {
      await scene.signedIn();
      const { value } = (await scene.agent.cookies(scene.site.url)).find(({ key }) => key === 'shop') ?? {};
      const status = async (name: string) =>
        (await scene.browser().xhr(`${scene.site.url}/`, { headers: { cookie: `${name}=${value}` } })).status;
      expect(await status('shop')).toBe(200);
      for (const name of ['auth_token', '__Host-auth_token', '__Host-shop', '__Secure-shop', 'Shop', 'xshop'])
        expect([name, await status(name)]).toEqual([name, 401]);
    });
  });

  describe('a name of its own with TLS', () => {
    const scene = useSite({ oidc_cookie_name: 'shop', oidc_base_url: 'https://shop.example.test' });

    it('has the __Host- prefix, and goes with it at sign-out', async () => {
      const { end, out } = await throughTls(scene);
      expect(lineOf(end, '__Host-shop')).toBe('__Host-shop=...; Path=/; HttpOnly; SameSite=Lax; Secure');
      expect(out).toContain('__Host-shop=; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=0');
    });
  });

  describe('a domain with TLS', () => {
    const scene = useSite({
      oidc_cookie_name: 'shop',
      oidc_cookie_domain: 'site.test',
      oidc_base_url: 'https://a.site.test',
    });

    it('is that of the session alone, whose prefix is __Secure-, also when it is deleted', async () => {
      const { start, end, out } = await throughTls(scene);
      const attributes = 'Path=/; Domain=site.test; HttpOnly; SameSite=Lax; Secure';
      expect(lineOf(end, '__Secure-shop')).toBe(`__Secure-shop=...; ${attributes}`);
      expect(out).toContain(`__Secure-shop=; ${attributes}; Max-Age=0`);
      const others = [start, end, out].flat().filter((line) => !/^__Secure-(?:shop|oidc_person)=/.test(line));
      expect(others.length).toBeGreaterThan(3);
      for (const line of others) expect(line).toMatch(/^__Host-oidc_(?!.*Domain)/);
    });
  });

  describe('a domain', () => {
    const scene = useSite({ oidc_cookie_domain: 'site.test' });
    const url = (host: string, path = '/') => `http://${host}:${scene.site.port}${path}`;

    it('has its sub-domains share one session, which ends on all of them', async () => {
      const { agent } = scene;
      expect((await agent.navigate(url('a.site.test'))).status).toBe(200);
      for (const host of ['a.site.test', 'b.site.test', 'x.y.site.test', 'site.test'])
        expect([host, (await agent.xhr(url(host))).status]).toEqual([host, 200]);
      expect(scene.echo(await agent.xhr(url('b.site.test'))).headers.cookie).toBeUndefined();
      await agent.get(url('b.site.test', '/logout'));
      for (const host of ['a.site.test', 'b.site.test'])
        expect([host, (await agent.xhr(url(host))).status]).toEqual([host, 401]);
      expect((await scene.store()).filter(([key]) => key.startsWith('s:'))).toEqual([]);
    });

    it('has a sign-in on one of them replace what another began', async () => {
      const { agent } = scene;
      const session = async () => (await agent.cookies(url('a.site.test'))).filter(({ key }) => key === 'auth_token');
      await agent.navigate(url('a.site.test'));
      const [first, ...more] = await session();
      const callback = await (async () => {
        const other = await agent.get(url('b.site.test', '/_oidc_login?return=/'), { headers: { cookie: '' } });
        const back = await agent.get(String(other.headers.location));
        return String(back.headers.location);
      })();
      expect((await agent.get(callback)).status).toBe(302);
      const [second, ...others] = await session();
      expect([more, others, first?.value === second?.value]).toEqual([[], [], false]);
      expect((await agent.xhr(url('a.site.test'))).status).toBe(200);
    });

    it.each(['elsewhere.test', 'notsite.test', 'site.test.evil.test'])(
      'is refused in words on %s, which is not below it',
      async (host) => {
        expect((await scene.browser().get(url(host))).status).toBe(500);
        expect(scene.site.nginx.errorLog()).toContain(
          `$oidc_cookie_domain site.test is neither this site's host (${host}) nor above it`,
        );
        scene.site.nginx.acceptLog();
      },
    );
  });
});
