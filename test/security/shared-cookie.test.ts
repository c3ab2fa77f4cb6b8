import { expect, it } from 'vitest';
import { onEachTarget } from '../support/nginx';
import { useScene } from './site';

/** What a host of the same domain can do to a session that sub-domains share. */
onEachTarget('a session cookie with a Domain', (nginx) => {
  const scene = useScene(nginx, {
    changes: {
      alsoSet: { oidc_cookie_name: 'sid', oidc_cookie_domain: 'site.test', oidc_base_url: 'https://a.site.test' },
    },
  });
  const ask = (cookie: string) => scene.browser().xhr(`${scene.site.url}/`, { headers: { cookie } });
  const who = async (cookie: string) => {
    const answer = await ask(cookie);
    return answer.status === 200 ? scene.echo(answer).headers.username : answer.status;
  };

  /** The secret of somebody's new session, in a browser that already sends these cookies. */
  async function signIn(sub: string, before = ''): Promise<string> {
    scene.provider.does.user = { sub };
    const start = await scene.browser().get(`${scene.site.url}/`);
    const back = await scene.browser().get(String(start.headers.location));
    const { pathname, search } = new URL(String(back.headers.location));
    const login = start.setCookies.map((line) => line.split(';')[0]).join('; ');
    const headers = { cookie: before === '' ? login : `${before}; ${login}` };
    const end = await scene.browser().get(`${scene.site.url}${pathname}${search}`, { headers });
    return /__Secure-sid=([^;]+)/.exec(end.setCookies.join('\n'))?.[1] ?? '';
  }

  it('signs nobody in as who set another one beside theirs, whichever comes first', async () => {
    const [alice, mallory] = [await signIn('alice'), await signIn('mallory')];
    expect([await who(`__Secure-sid=${alice}`), await who(`__Secure-sid=${mallory}`)]).toEqual(['alice', 'mallory']);
    for (const tossed of [
      `__Secure-sid=${mallory}; __Secure-sid=${alice}`,
      `__Secure-sid=${alice}; __Secure-sid=${mallory}`,
      `__Secure-sid=x; __Secure-sid=${mallory}; __Secure-sid=${alice}`,
    ])
      expect([tossed, await who(tossed)]).toEqual([tossed, 401]);
    expect(await who(`__Secure-sid=${alice}; __Secure-sid=${alice}; __Secure-sid=`)).toBe('alice');
  });

  it('counts with its prefix alone, which hosts without TLS cannot set', async () => {
    const [alice, mallory] = [await signIn('alice'), await signIn('mallory')];
    for (const name of ['sid', '__Host-sid', 'auth_token', '__Secure-auth_token', '__secure-sid']) {
      expect([name, await who(`${name}=${mallory}`)]).toEqual([name, 401]);
      expect([name, await who(`${name}=${mallory}; __Secure-sid=${alice}`)]).toEqual([name, 'alice']);
    }
  });

  it('is a new one after each sign-in, and all that were there end', async () => {
    const before = new Set((await scene.store()).map(([key]) => key));
    const [alice, mallory] = [await signIn('alice'), await signIn('mallory')];
    const planted = `__Secure-sid=${mallory}; __Secure-sid=${alice}`;
    const next = await signIn('alice', planted);
    expect([next.length, new Set([alice, mallory, next]).size]).toEqual([43, 3]);
    expect(await who(`__Secure-sid=${next}`)).toBe('alice');
    const ends = (await scene.store())
      .filter(([key]) => key.startsWith('s:') && !before.has(key))
      .map(([, text]) => Number(/\n(\d+) /.exec(text)?.[1]) - Date.now() / 1000);
    expect(ends.filter((left) => left <= 30)).toHaveLength(2); // retired
    expect(ends.filter((left) => left > 30)).toHaveLength(1);
  });

  it('ends at sign-out although another one was set beside it', async () => {
    const [alice, mallory] = [await signIn('alice'), await signIn('mallory')];
    const cookie = `__Secure-sid=${mallory}; __Secure-sid=${alice}`;
    await scene.browser().get(`${scene.site.url}/logout`, { headers: { cookie } });
    expect([await who(`__Secure-sid=${alice}`), await who(`__Secure-sid=${mallory}`)]).toEqual([401, 401]);
  });

  it('never reaches the application, under whatever prefix', async () => {
    const alice = await signIn('alice');
    const cookie = `__Secure-sid=${alice}; sid=1; __Host-sid=2; theme=dark; __Secure-oidc_person=3; auth_token=${alice}`;
    expect(scene.echo(await ask(cookie)).headers.cookie).toBe('theme=dark');
  });
});
