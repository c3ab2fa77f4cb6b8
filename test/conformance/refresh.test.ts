import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import type { Scene } from '../security/site';
import { finish, hasSession, type Outcome, playPlan, received } from './plan';

/** Signs in with tokens that last two seconds, and comes back when they are over. */
async function comeBackLater(scene: Scene): Promise<Outcome> {
  scene.provider.does.expiresIn = 2;
  const login = await finish(scene);
  await sleep(2100);
  scene.provider.does.expiresIn = 300;
  return login;
}

/** A renewal whose ID token claims something else: the session ends. */
async function renewalRefused(scene: Scene, change: Record<string, unknown>): Promise<Outcome> {
  const { application, provider, site } = scene;
  const login = await comeBackLater(scene);
  const served = application.requests.length;
  const logged = site.nginx.errorLog().length;
  provider.does.idToken = (claims) => ({ ...claims, ...change });
  expect(await hasSession(scene)).toBe(false);
  expect(site.nginx.errorLog().slice(logged)).toContain(' id_token_invalid ');
  expect(provider.grants('refresh_token')).toHaveLength(1);
  expect(application.requests).toHaveLength(served);
  expect((await scene.store()).filter(([key]) => /^[st]:/.test(key))).toEqual([]);
  return { ...login, how: 'stop' };
}

playPlan(
  'oidcc-client-refreshtoken-test-plan',
  {
    'oidcc-client-test-refresh-token': async (scene) => {
      const { provider } = scene;
      const login = await comeBackLater(scene);
      const [first] = provider.issued;
      const page = await scene.agent.xhr(`${scene.site.url}/`);
      const [request, ...more] = provider.grants('refresh_token');
      expect(more).toEqual([]);
      expect(request?.form.get('refresh_token')).toBe(first?.refreshToken);
      expect(request?.headers.authorization).toMatch(/^Basic /);
      const [, second] = provider.issued;
      expect(second?.accessToken).not.toBe(first?.accessToken);
      expect(received(scene, { ...login, page }).headers.authorization).toBe(`Bearer ${second?.accessToken}`);
      return login;
    },
    'oidcc-client-test-refresh-token-invalid-issuer': (scene) =>
      renewalRefused(scene, { iss: `${scene.provider.issuer}1` }),
    'oidcc-client-test-refresh-token-invalid-sub': (scene) => renewalRefused(scene, { sub: 'alice1' }),
  },
  { changes: { variables: ['access_token'], proxyHeaders: { Authorization: 'Bearer $access_token' } } },
);
