import { expect } from 'vitest';
import type { Scene } from '../security/site';
import { tokenParts } from '../support/misbehaving-provider';
import { finish, hasSession, type Outcome, playPlan } from './plan';

/** Signs in and out; `comeBack` makes of the state what comes back from the provider's end-session endpoint. */
async function signOut(scene: Scene, comeBack: (state: string) => string): Promise<Outcome> {
  const { agent, provider, site } = scene;
  const login = await finish(scene);
  const cookies = await agent.jar.getCookieString(site.url.replace('http:', 'https:'));
  provider.does.logout = (parameters) => comeBack(String(parameters.get('state')));
  const page = await agent.navigate(`${site.url}/logout`, { from: site.url });

  const [request, ...more] = provider.requests('/logout');
  expect(more).toEqual([]);
  expect([...(request?.query.keys() ?? [])].sort()).toEqual([
    'client_id',
    'id_token_hint',
    'post_logout_redirect_uri',
    'state',
  ]);
  const state = String(request?.query.get('state'));
  expect(state).toMatch(/^[\w-]{22}$/);
  const query = comeBack(state);
  expect(request?.query.get('client_id')).toBe(provider.client.id);
  expect(request?.query.get('post_logout_redirect_uri')).toBe(`${site.url}/_logout`);
  expect(tokenParts(String(request?.query.get('id_token_hint'))).claims.sub).toBe('alice');

  expect([page.status, page.url]).toEqual([200, `${site.url}/_logout${query && `?${query}`}`]);
  expect(page.text).toContain('<h1>Signed out</h1>');
  expect(await hasSession(scene)).toBe(false);
  expect((await scene.browser().xhr(`${site.url}/`, { headers: { cookie: cookies } })).status).toBe(401);
  return login;
}

playPlan('oidcc-client-rp-initiated-logout-rp-basic', {
  'oidcc-client-test-rp-init-logout': (scene) => signOut(scene, (state) => `state=${state}`),
  'oidcc-client-test-rp-init-logout-other-state': (scene) => signOut(scene, (state) => `state=${state}1`),
  'oidcc-client-test-rp-init-logout-no-state': (scene) => signOut(scene, () => ''),
});
