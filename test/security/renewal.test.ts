import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { type Canned, tokenParts } from '../support/misbehaving-provider';
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

  it('U10 50 parallel requests with an expired session make one token request, all succeed, and its refresh token is the next', async () => {
    const { provider } = scene;
    provider.does.expiresIn = 2;
    await scene.signedIn();
    await sleep(2100);
    for (const lifetime of [3, 300]) {
      provider.does.expiresIn = lifetime;
      const answers = await requests(50);
      expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
      expect(new Set(answers.map((answer) => scene.echo(answer).headers.authorization)).size).toBe(1);
      if (lifetime === 3) await sleep(3100);
    }
    const used = provider.grants('refresh_token').map(({ form }) => form.get('refresh_token'));
    expect(used).toEqual(provider.issued.slice(0, 2).map(({ refreshToken }) => refreshToken));
  });

  it('U11 no failure of a renewal ends a session but an error that asks for the person', async () => {
    const { provider, site } = scene;
    const failures: [string, Canned, number][] = [
      ['503', { status: 503, body: 'maintenance' }, 200],
      ['429', { status: 429, body: '{}' }, 200],
      ['HTML', { html: true }, 200],
      ['nothing', { empty: true }, 200],
      ['no answer', { delayMs: 3500, body: '{}' }, 200],
      ['a closed connection', { resetConnection: true }, 200],
      ['invalid_client', { status: 401, body: '{"error":"invalid_client"}' }, 200],
      ['unauthorized_client', { status: 400, body: '{"error":"unauthorized_client"}' }, 200],
      ['400 that is no JSON', { status: 400, body: 'Bad request' }, 200],
      ['interaction_required', { status: 400, body: '{"error":"interaction_required"}' }, 401],
      ['login_required', { status: 400, body: '{"error":"login_required"}' }, 401],
      ['consent_required', { status: 400, body: '{"error":"consent_required"}' }, 401],
      ['invalid_grant', { status: 400, body: '{"error":"invalid_grant"}' }, 401],
    ];
    const browsers = failures.map(() => scene.browser());
    provider.does.expiresIn = 2;
    for (const browser of browsers) await scene.signedIn(browser);
    await sleep(2100);
    site.nginx.expectLog(/oidc: |upstream|recv\(\)/);
    for (const [i, [what, canned, status]] of failures.entries()) {
      provider.respond('/token', canned);
      const ask = () => browsers[i]?.xhr(`${site.url}/`);
      const answers = await Promise.all([ask(), ask(), ask()]);
      expect([what, ...answers.map((answer) => answer?.status)]).toEqual([what, status, status, status]);
      provider.respond('/token', undefined);
      expect([what, (await ask())?.status]).toEqual([what, status]);
    }
    expect(provider.grants('refresh_token')).toHaveLength(failures.length);
  });

  it('U12 a renewal needs no cookie but the session, and holds nonce, sub, iss and aud against the first ID token', async () => {
    const { provider, site } = scene;
    provider.does.expiresIn = 2;
    const secret = await scene.signedIn();
    const changes = [{ nonce: 'forged' }, { sub: 'mallory' }, { iss: 'https://evil.test' }, { aud: 'other' }];
    const browsers = changes.map(() => scene.browser());
    for (const browser of browsers) await scene.signedIn(browser);
    const nonce = tokenParts(String(provider.issued[0]?.idToken)).claims.nonce;
    await sleep(2100);
    const headers = { cookie: `auth_token=${secret}; auth_nonce=forged; oidc_login_x=forged; oidc_attempts=1.1.` };
    provider.does.idToken = (claims) => ({ ...claims, nonce });
    expect((await scene.browser().xhr(`${site.url}/`, { headers })).status).toBe(200);
    for (const [i, change] of changes.entries()) {
      provider.does.idToken = (claims) => ({ ...claims, ...change });
      expect([change, (await browsers[i]?.xhr(`${site.url}/`))?.status]).toEqual([change, 401]);
    }
    expect(provider.grants('refresh_token')).toHaveLength(1 + changes.length);
  });
});
