import { request as httpRequest } from 'node:http';
import { expect, it } from 'vitest';
import { onEachTarget } from '../support/nginx';
import { authorizationRequest, callbackFor, useScene } from './site';

const targets = [
  '//evil.test',
  '//evil.test/%2f..',
  '///evil.test',
  '/\\evil.test',
  '/\\/evil.test',
  '/%5cevil.test',
  '/%2f/evil.test',
  '/%2f%2fevil.test',
  '/.evil.test',
  '/@evil.test/',
  '/%09/evil.test',
  '/%0a/evil.test',
  '/%0d%0aX-Injected:%20y',
  '/%0d%0a%0d%0a<script>alert(1)</script>',
  '/%00/evil.test',
  '/a/..//evil.test',
  '/a/%2e%2e//evil.test',
  '/?url=https://evil.test',
  '/?x=%zz',
  '/?x=%ff%fe',
  '/?x="><script>',
  '/;@evil.test',
  '/:@evil.test',
  '/x?\\evil.test',
  '/%e2%80%ae/evil.test',
  '/#@evil.test',
  'https://evil.test/',
  'http://evil.test:80/x',
];

/** A request whose target no library mends; resolves with status and Location. */
function raw(port: number, path: string, headers: Record<string, string> = {}): Promise<Record<string, unknown>> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      { host: '127.0.0.1', port, path: 'x', headers: { accept: 'text/html', ...headers } },
      (response) => {
        response.resume();
        resolve({ status: response.statusCode, headers: response.headers });
      },
    );
    (request as unknown as { path: string }).path = path; // past the check for characters that HTTP forbids
    request.on('error', reject).end();
  });
}

onEachTarget('redirects', (nginx) => {
  const scene = useScene(nginx, { changes: { alsoSet: { oidc_hosts: '127.0.0.1 app.example.com' } } });

  it('U7 A1 no form of the wanted URL makes the way back leave the origin, fail with 500 or add a header', async () => {
    const { site } = scene;
    for (const target of targets) {
      const browser = scene.browser();
      const start = await raw(site.port, target, { host: `127.0.0.1:${site.port}` });
      if (start.status === 400) continue; // NGINX itself does not take it
      const headers = start.headers as Record<string, string> & { 'set-cookie': string[] };
      expect([target, start.status, headers['x-injected']]).toEqual([target, 302, undefined]);
      expect(new URL(headers.location as string).origin).toBe(scene.provider.issuer);
      for (const line of headers['set-cookie']) await browser.jar.setCookie(line, site.url);
      const back = await browser.get(headers.location as string);
      const end = await browser.get(String(back.headers.location));
      const { location, 'x-injected': injected } = end.headers;
      expect([target, end.status, injected]).toEqual([target, 302, undefined]);
      // as a browser reads it: backslashes are slashes, tabs and line ends are nothing
      expect(new URL(String(location), `${site.url}/_codexch`).origin, `${target} -> ${location}`).toBe(site.url);
      expect(String(location)).toMatch(/^(?:\/|http:\/\/127\.0\.0\.1:\d+\/)(?![/\\])[\x21-\x7e]*$/);
    }
  });

  it('U7 a login cookie with a return path written by somebody else, broken or missing leads nowhere', async () => {
    const { agent } = scene;
    const callback = await callbackFor(scene);
    const name = `oidc_login_${callback.searchParams.get('state')?.slice(0, 16)}`;
    const values = ['undefined', '@evil.test/', '.evil.test', '//evil.test', '/%0d%0aX:y', '%zz', 'x.', 'x.eyJ9', '0'];
    const sealed = (await agent.cookies(scene.site.url)).find(({ key }) => key === name)?.value ?? '';
    for (let at = 0; at < sealed.length; at += 23) {
      const other = sealed[at] === 'A' ? 'B' : 'A';
      values.push(sealed.slice(0, at) + other + sealed.slice(at + 1), sealed.slice(0, at));
    }
    const began = sealed.slice(0, sealed.indexOf('.'));
    for (const value of values.filter((one) => !one.endsWith(sealed.slice(began.length)))) {
      const { status, headers } = await scene.browser().get(callback.href, { headers: { cookie: `${name}=${value}` } });
      expect([value, status, headers.location]).toEqual([value, 400, undefined]);
    }
    expect(scene.provider.requests('/token')).toHaveLength(0);
    expect((await agent.get(callback.href)).status).toBe(302); // the true one still opens
  });

  it('U8 forwarded headers of a client change neither scheme, host nor port of redirect_uri, and are no 500', async () => {
    const forged = {
      'x-forwarded-proto': 'gopher',
      'x-forwarded-host': 'evil.test',
      'x-forwarded-port': '6666',
      forwarded: 'host=evil.test;proto=https',
      'x-original-host': 'evil.test',
    };
    for (const proto of ['http', 'https', 'gopher', '', '"', 'https, http']) {
      const headers = { ...forged, 'x-forwarded-proto': proto };
      const start = await scene.browser().get(`${scene.site.url}/`, { headers });
      expect([proto, start.status]).toEqual([proto, 302]);
      const request = new URL(String(start.headers.location));
      expect(request.searchParams.get('redirect_uri')).toBe(`${scene.site.url}/_codexch`);
      for (const line of start.setCookies) expect(line).toMatch(/; Path=\/; HttpOnly; SameSite=Lax/);
    }
  });

  it('U9 a Host that is not listed ends neither in redirect_uri nor in Location', async () => {
    for (const host of [
      'evil.test',
      'app.example.com.evil.test',
      'evil-app.example.com',
      '127.0.0.1.evil.test',
      'xapp.example.com',
    ]) {
      for (const path of ['/', '/logout', '/_codexch?state=x&code=y']) {
        const { status, headers, text } = await scene.browser().get(`${scene.site.url}${path}`, { headers: { host } });
        expect([host, path, status]).toEqual([host, path, 400]);
        expect(`${headers.location} ${headers['set-cookie']} ${text}`).not.toContain('evil');
      }
    }
    const { headers } = await scene.browser().get(`${scene.site.url}/`, { headers: { host: 'app.example.com' } });
    expect(new URL(String(headers.location)).searchParams.get('redirect_uri')).toMatch(/^http:\/\/app\.example\.com:/);
  });

  it('A2 a listed host admits no other: no suffix, no prefix, no wildcard, dots are dots', async () => {
    for (const host of [
      'appXexample.com',
      'example.com',
      'a.app.example.com',
      'app.example.com@evil.test',
      '*.example.com',
    ]) {
      const answer = await raw(scene.site.port, '/', { host });
      expect([host, answer.status]).toEqual([host, 400]);
    }
  });

  it('A3 no parameter names where a login begins, ends or goes after sign-out', async () => {
    const { site } = scene;
    const names = [
      'url',
      'rd',
      'redirect',
      'return_to',
      'returnTo',
      'target_link_uri',
      'next',
      'post_logout_redirect_uri',
      'iss',
    ];
    const query = names.map((name) => `${name}=https://evil.test/`).join('&');
    await scene.signedIn();
    const logout = await scene.agent.get(`${site.url}/logout?${query}`);
    const end = new URL(String(logout.headers.location));
    expect(end.origin).toBe(scene.provider.issuer);
    expect(end.searchParams.get('post_logout_redirect_uri')).toBe(`${site.url}/_logout`);
    expect(end.href).not.toContain('evil');
    expect((await scene.agent.get(`${site.url}/logout?${query}`)).headers.location).toMatch(
      /^(http:\/\/127\.0\.0\.1:\d+)?\/_logout$/,
    );
    const page = await scene.agent.get(`${site.url}/_logout?${query}`);
    expect([page.status, page.text.includes('evil')]).toEqual([200, false]);
    const request = await authorizationRequest(scene, scene.browser(), `/?${query}`);
    expect(request.href).not.toContain('evil');
    const callback = await callbackFor(scene, scene.agent, '/wanted');
    const back = await scene.agent.get(`${callback.href}&${query.replace(/&iss=.*/, '')}`);
    expect(String(back.headers.location)).toMatch(/^(http:\/\/127\.0\.0\.1:\d+)?\/wanted$/);
  });
});
