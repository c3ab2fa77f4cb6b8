import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { tokenParts } from '../support/misbehaving-provider';
import { onEachTarget } from '../support/nginx';
import { useScene } from './site';

onEachTarget('renewal', (nginx) => {
  const scene = useScene(nginx, {
    workers: 4,
    changes: {
      variables: ['access_token'],
      proxyHeaders: { Authorization: 'Bearer $access_token' },
      alsoSet: { oidc_provider_timeout: '2' },
    },
  });
  const requests = (count: number) =>
    Promise.all(Array.from({ length: count }, (_, i) => scene.agent.xhr(`${scene.site.url}/${i}`)));

  async function signInAndExpire(): Promise<void> {
    scene.provider.does.expiresIn = 1;
    await scene.signedIn();
    await sleep(1100);
  }

  it('U10 50 parallel requests with an expired session make one token request, all succeed, and its refresh token is the next', async () => {
    const { provider } = scene;
    await signInAndExpire();
    const answers = await requests(50);
    expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
    expect(new Set(answers.map((answer) => scene.echo(answer).headers.authorization)).size).toBe(1);
    expect(provider.grants('refresh_token')).toHaveLength(1);
    await sleep(1100);
    expect((await requests(50)).filter(({ status }) => status !== 200)).toEqual([]);
    const used = provider.grants('refresh_token').map(({ form }) => form.get('refresh_token'));
    expect(used).toEqual(provider.issued.slice(0, 2).map(({ refreshToken }) => refreshToken));
  });

  it.each([
    ['503', { status: 503, body: 'maintenance' }],
    ['429', { status: 429, body: '{}' }],
    ['HTML', { html: true }],
    ['nothing', { empty: true }],
    ['no answer', { delayMs: 5000, body: '{}' }],
    ['a closed connection', { resetConnection: true }],
    ['invalid_client', { status: 401, body: '{"error":"invalid_client"}' }],
  ])(
    'U11 a renewal that ends with %s ends no session, and the next one uses the same refresh token',
    async (_what, canned) => {
      const { provider, site } = scene;
      await signInAndExpire();
      site.nginx.expectLog(/oidc: |upstream|recv\(\)/);
      provider.respond('/token', canned);
      expect((await requests(5)).map(({ status }) => status)).toEqual(Array(5).fill(200));
      provider.respond('/token', undefined);
      expect((await requests(5)).map(({ status }) => status)).toEqual(Array(5).fill(200));
      const [first] = provider.grants('refresh_token');
      expect(first?.form.get('refresh_token')).toBe(provider.issued[0]?.refreshToken);
    },
  );

  it('U11 only invalid_grant ends the session', async () => {
    await signInAndExpire();
    scene.provider.respond('/token', { status: 400, body: '{"error":"invalid_grant"}' });
    expect((await scene.agent.xhr(`${scene.site.url}/`)).status).toBe(401);
    scene.provider.respond('/token', undefined);
    expect((await scene.agent.xhr(`${scene.site.url}/`)).status).toBe(401);
  });

  it('U12 a renewal needs no cookie but the session, and holds nonce, sub, iss and aud against the first ID token', async () => {
    const { agent, provider, site } = scene;
    provider.does.expiresIn = 1;
    const secret = await scene.signedIn();
    await agent.jar.removeAllCookies();
    await sleep(1100);
    const headers = { cookie: `auth_token=${secret}; auth_nonce=forged; oidc_login_x=forged; oidc_attempts=1.1.` };
    const withNonce = tokenParts(String(provider.issued[0]?.idToken)).claims.nonce;
    provider.does.idToken = (claims, grant) => (grant === 'refresh_token' ? { ...claims, nonce: withNonce } : claims);
    expect((await agent.xhr(`${site.url}/`, { headers })).status).toBe(200);
    expect(provider.grants('refresh_token')).toHaveLength(1);
    for (const change of [{ nonce: 'forged' }, { sub: 'mallory' }, { iss: 'https://evil.test' }, { aud: 'other' }]) {
      const browser = scene.browser();
      provider.does.idToken = (claims, grant) => (grant === 'refresh_token' ? { ...claims, ...change } : claims);
      await scene.signedIn(browser);
      await sleep(1100);
      expect([change, (await browser.xhr(`${site.url}/`)).status]).toEqual([change, 401]);
    }
  });
});
