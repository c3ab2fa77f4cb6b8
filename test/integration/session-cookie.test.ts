import { describe, expect, it } from 'vitest';
import { callbackFor, useScene } from '../security/site';
import { onEachTarget } from '../support/nginx';

const secureSite = 'https://app.example.test';

onEachTarget('the session cookie', (nginx) => {
  const server = (name: string, sets: string) => (conf: string) =>
    conf.replace(/\n {4}location \/ \{/, `\n    # ${name}\n    ${sets}\n    location / {`);

  const sessionLine = (lines: string[]) => lines.find((line) => /^(?:__Host-)?auth_token=/.test(line)) ?? '';
  const withoutValue = (line: string) => line.replace(/=[^;]*/, '=...');

  const useSite = (sets: string) => useScene(nginx, { editFrontend: server('cookies', sets) });

  /** The Set-Cookie lines of a sign-in on a site that is reached by TLS, which ends before NGINX. */
  async function secureSignIn(scene: ReturnType<typeof useScene>) {
    const start = await scene.agent.get(`${scene.site.url}/`);
    const back = await scene.agent.get(String(start.headers.location));
    const callback = new URL(String(back.headers.location));
    const end = await scene.agent.get(`${scene.site.url}${callback.pathname}${callback.search}`);
    return { start: start.setCookies, end: end.setCookies, status: end.status };
  }

  onCase('as it is', '', (scene) => {
    it('lasts as long as the browser runs, whatever a link asks for', async () => {
      for (const query of ['return=/', 'return=/&keep=1']) {
        const page = await scene.browser().navigate(`${scene.site.url}/_oidc_login?${query}`, {
          from: `${scene.site.url}/welcome`,
        });
        expect(page.status).toBe(200);
        expect(withoutValue(sessionLine(page.trail.flatMap(({ setCookies }) => setCookies)))).toBe(
          'auth_token=...; Path=/; HttpOnly; SameSite=Lax',
        );
      }
    });
  });

  onCase(
    'kept for everybody',
    'set $oidc_keep_signed_in always; set $oidc_keep_signed_in_timeout 7200; set $oidc_keep_signed_in_idle_timeout 600; set $oidc_session_timeout 300;',
    (scene) => {
      it('and its session have limits of their own, and go at sign-out', async () => {
        const began = Math.floor(Date.now() / 1000);
        const callback = await callbackFor(scene);
        const answer = await scene.agent.get(callback.href);
        expect(withoutValue(sessionLine(answer.setCookies))).toBe(
          'auth_token=...; Path=/; HttpOnly; SameSite=Lax; Max-Age=7200',
        );
        const [, text = ''] = (await scene.store()).find(([key]) => key.startsWith('s:')) ?? [];
        const [endsAt = 0, idle] = (String(text).split('\n')[1] ?? '').split(' ').map(Number);
        expect([endsAt - began >= 7200 && endsAt - began < 7260, idle]).toEqual([true, 600]);
        expect((await scene.agent.get(`${scene.site.url}/`)).status).toBe(200);
        const { setCookies } = await scene.agent.get(`${scene.site.url}/logout`);
        expect(sessionLine(setCookies)).toBe('auth_token=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0');
        expect((await scene.agent.xhr(`${scene.site.url}/`)).status).toBe(401);
      });
    },
  );

  onCase('kept for who asks', 'set $oidc_keep_signed_in ask;', (scene) => {
    it('is kept only by a link of this site, not by one of another, nor by any other sign-in', async () => {
      const maxAge = async (path: string, from?: string) => {
        const agent = scene.browser();
        const page = await agent.navigate(scene.site.url + path, from ? { from } : {});
        expect(page.status).toBe(200);
        return /Max-Age=(\d+)/.exec(sessionLine(page.trail.flatMap(({ setCookies }) => setCookies)))?.[1];
      };
      const own = `${scene.site.url}/welcome`;
      expect(await maxAge('/_oidc_login?return=/&keep=1', own)).toBe('2592000');
      expect(await maxAge('/_oidc_login?return=/', own)).toBeUndefined();
      expect(await maxAge('/_oidc_login?return=/&keep=0', own)).toBeUndefined();
      expect(await maxAge('/_oidc_login?return=/&keep=1', 'https://elsewhere.test/')).toBeUndefined();
      const iss = encodeURIComponent(scene.provider.issuer);
      expect(await maxAge(`/_oidc_login?iss=${iss}&keep=1`, own)).toBeUndefined();
      expect(await maxAge('/?keep=1')).toBeUndefined();
    });
  });

  onCase(
    'for frames',
    `set $oidc_base_url "${secureSite}"; set $oidc_cookie_same_site None; set $oidc_cookie_partitioned 1;`,
    (scene) => {
      it('and those of sign-ins say so, and are deleted in the same words', async () => {
        const { start, end, status } = await secureSignIn(scene);
        expect(status).toBe(302);
        const attributes = 'Path=/; HttpOnly; SameSite=None; Secure; Partitioned';
        expect(withoutValue(sessionLine(end))).toBe(`__Host-auth_token=...; ${attributes}`);
        expect(
          start.filter((line) => line.includes('oidc_login_')).map((line) => line.replace(/^[^;]*; /, '')),
        ).toEqual([`${attributes}; Max-Age=3600`]);
        expect(end.find((line) => line.includes('oidc_login_'))).toContain(`=; ${attributes}; Max-Age=0`);
        const { setCookies } = await scene.agent.get(`${scene.site.url}/logout`);
        expect(sessionLine(setCookies)).toBe(`__Host-auth_token=; ${attributes}; Max-Age=0`);
      });

      it('signs nobody out for a page of another site', async () => {
        await secureSignIn(scene);
        for (const method of ['GET', 'POST']) {
          const answer = await scene.agent.xhr(`${scene.site.url}/logout`, {
            method,
            from: 'https://elsewhere.test/',
            headers: { origin: 'https://elsewhere.test' },
          });
          expect([answer.status, answer.setCookies]).toEqual([200, []]); // a page that asks
        }
      });
    },
  );

  onCase('for frames, on a site without TLS', 'set $oidc_cookie_same_site None;', (scene) => {
    it('is refused, with a line that says what it takes', async () => {
      expect((await scene.agent.get(`${scene.site.url}/`)).status).toBe(500);
      expect(scene.site.nginx.errorLog()).toContain('$oidc_cookie_same_site None needs https');
      scene.site.nginx.acceptLog();
    });
  });

  function onCase(name: string, sets: string, body: (scene: ReturnType<typeof useScene>) => void): void {
    describe(name, () => body(useSite(sets)));
  }
});
