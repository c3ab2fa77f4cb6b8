import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { callbackFor, cookieOf, useScene } from '../security/site';
import { onEachTarget } from '../support/nginx';
import { waitUntil } from '../support/processes';

onEachTarget('access.log in the format that frontend.conf ships', (nginx) => {
  const scene = useScene(nginx, { changes: { accessLog: 'masked.log oidc' } });
  let tags = 0;

  /** The lines of `count` requests, which carry the tag as their User-Agent; NGINX writes a line a moment after the answer. */
  const linesOf = async (count: number, request: (headers: Record<string, string>) => Promise<unknown>) => {
    const tag = `tag-${++tags}.`;
    await request({ 'user-agent': tag });
    const lines = () =>
      readFileSync(`${scene.site.nginx.dir}/masked.log`, 'utf8')
        .split('\n')
        .filter((line) => line.includes(tag));
    await waitUntil('the requests are logged', () => lines().length >= count);
    return lines();
  };
  const addresses = (lines: string[]) => lines.map((line) => /"(?:GET|POST) (\S*) HTTP\/1\.1"/.exec(line)?.[1]);

  it('names who it was, and the address as it came', async () => {
    await scene.signedIn();
    const [line, ...more] = await linesOf(1, (headers) =>
      scene.agent.get(`${scene.site.url}/reports?year=2026&q=code%20x`, { headers }),
    );
    expect(more).toEqual([]);
    expect(line).toMatch(
      /^[\d.]+ - alice \[[^\]]+\] "GET \/reports\?year=2026&q=code%20x HTTP\/1\.1" 200 \d+ "-" "[^"]*"$/,
    );
  });

  it('shows no code and no state of a sign-in, and no sid of a sign-out', async () => {
    const callback = await callbackFor(scene);
    const sid = '08a5019c-17e1-4977-8f42-65a12843ea02';
    const lines = await linesOf(3, async (headers) => {
      expect((await scene.agent.get(callback.href, { headers })).status).toBe(302);
      await scene.agent.get(callback.href, { headers });
      const frame = `${scene.site.url}/front_channel_logout?iss=https%3A%2F%2Fidp.test&sid=${sid}`;
      await scene.agent.get(frame, { headers });
    });
    expect(addresses(lines).sort()).toEqual([
      expect.stringMatching(/^\/_codexch\?(?:iss=[^&]*&)?(?:code|state)=\[masked\]$/),
      expect.stringMatching(/^\/_codexch\?(?:iss=[^&]*&)?(?:code|state)=\[masked\]$/),
      '/front_channel_logout?iss=https%3A%2F%2Fidp.test&sid=[masked]',
    ]);
    const secrets = [callback.searchParams.get('code'), callback.searchParams.get('state'), sid];
    const session = await cookieOf(scene.agent, scene.site.url, 'auth_token');
    for (const secret of [...secrets, session]) expect(lines.join('\n')).not.toContain(secret);
  });

  it.each([
    ['/_codexch?code=SECRET', '/_codexch?code=[masked]'],
    ['/_codexch?a=b&state=SECRET&c=d', '/_codexch?a=b&state=[masked]'],
    ['/_codexch?code=SECRET&code=SECRET&state=SECRET', '/_codexch?code=[masked]'],
    ['/_codexch?error=x&&state=SECRET', '/_codexch?error=x&&state=[masked]'],
    ['/_codexch?%63ode=SECRET', '/_codexch?%63ode=[masked]'],
    ['/_codexch?a=b&c%6fde=SECRET&code=SECRET', '/_codexch?a=b&c%6fde=[masked]'],
    ['/_codexch?cod%65=SECRET&x=%3D', '/_codexch?cod%65=[masked]'],
    ['/_codexch?a=b?&code=SECRET?code=SECRET', '/_codexch?a=b?&code=[masked]'],
    ['/%5fcodexch?Code=SECRET', '/%5fcodexch?Code=[masked]'],
    ['/front_channel_logout?sid=SECRET', '/front_channel_logout?sid=[masked]'],
    ['/_oidc_login?iss=x&login_hint=SECRET', '/_oidc_login?iss=x&login_hint=[masked]'],
    ['/front_channel_logout?iss=x&amp;sid=SECRET', '/front_channel_logout?iss=x&amp;sid=[masked]'],
    ['/idp/logout?id_token_hint=SECRET', '/idp/logout?id_token_hint=[masked]'],
    ['/back?logout_token=SECRET', '/back?logout_token=[masked]'],
    ['/api?a=b&access_token=SECRET', '/api?a=b&access_token=[masked]'],
    [`/_codexch?${'a=b&'.repeat(700)}code=SECRET`, `/_codexch?${'a=b&'.repeat(700)}code=[masked]`],
    [`/_codexch?${'%'.repeat(3000)}=SECRET`, `/_codexch?${'%'.repeat(3000)}=[masked]`],
  ])('cuts %s', async (target, expected) => {
    const lines = await linesOf(1, (headers) => scene.agent.xhr(scene.site.url, { target, headers }));
    expect(addresses(lines)).toEqual([expected]);
    expect(lines.join()).not.toContain('SECRET');
  });

  it.each([
    '/code?codes=1&mycode=2&states=3',
    '/state=1&code=2',
    '/?q=code=1',
    '/?q=%63ode',
    '/?q=a%26code%3Db',
    `/?${'%'.repeat(3000)}`,
    `/?${'%&'.repeat(1500)}`,
  ])('leaves %s as it is', async (target) => {
    expect(addresses(await linesOf(1, (headers) => scene.agent.xhr(scene.site.url, { target, headers })))).toEqual([
      target,
    ]);
  });
});
