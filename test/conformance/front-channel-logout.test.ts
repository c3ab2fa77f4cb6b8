import { expect } from 'vitest';
import type { Scene } from '../security/site';
import { tokenParts } from '../support/misbehaving-provider';
import { finish, hasSession, type Outcome, playPlan } from './plan';

/** Signs in; the login, and the provider's name for its session. */
async function signIn(scene: Scene): Promise<{ login: Outcome; sid: string }> {
  const { provider } = scene;
  const proper = provider.does.metadata;
  provider.does.metadata = (document) => ({
    ...(proper(document) as object),
    frontchannel_logout_supported: true,
    frontchannel_logout_session_supported: true,
  });
  const login = await finish(scene);
  return { login, sid: String(tokenParts(String(provider.issued.at(-1)?.idToken)).claims.sid) };
}

/** The provider's page loads the frame: another site's, so the browser sends no cookie of ours. */
async function loadFrame(scene: Scene, sid: string): Promise<void> {
  const { provider, site } = scene;
  const query = new URLSearchParams({ iss: provider.issuer, sid });
  const frame = await scene.browser().get(`${site.url}/front_channel_logout?${query}`, {
    headers: { 'sec-fetch-dest': 'iframe', 'sec-fetch-site': 'cross-site', referer: `${provider.issuer}/` },
  });
  expect(frame.status).toBe(200);
  expect(frame.headers['cache-control']).toContain('no-store');
  expect(frame.headers['x-frame-options']).toBeUndefined();
  expect(String(frame.headers['content-security-policy'])).not.toContain('frame-ancestors');
}

/** The session is gone, wherever its cookie comes from. */
async function expectSignedOut(scene: Scene, cookie: string): Promise<void> {
  expect(await hasSession(scene)).toBe(false);
  expect((await scene.browser().xhr(`${scene.site.url}/`, { headers: { cookie } })).status).toBe(401);
  expect((await scene.store()).filter(([key]) => /^[st]:/.test(key))).toEqual([]);
}

const cookiesOf = ({ agent, site }: Scene) => agent.jar.getCookieString(site.url.replace('http:', 'https:'));

playPlan('oidcc-client-front-channel-logout-rp-basic', {
  'oidcc-client-test-rp-frontchannel-rpinitlogout': async (scene) => {
    const { agent, site } = scene;
    const { login, sid } = await signIn(scene);
    const cookie = await cookiesOf(scene);
    const leaving = await agent.get(`${site.url}/logout`, { from: site.url });
    const back = await agent.get(String(leaving.headers.location)); // the provider's page, with the frame in it
    await loadFrame(scene, sid);
    const page = await agent.navigate(String(back.headers.location));
    expect([page.status, new URL(page.url).pathname]).toEqual([200, '/_logout']);
    await expectSignedOut(scene, cookie);
    return login;
  },
});

playPlan('oidcc-client-logout-test-plan', {
  'oidcc-client-test-rp-frontchannel-opinitlogout': async (scene) => {
    const { login, sid } = await signIn(scene);
    const cookie = await cookiesOf(scene);
    await loadFrame(scene, 'ffffffffffffffffffffffff'); // another session of the provider
    expect(await hasSession(scene)).toBe(true);
    await loadFrame(scene, sid);
    await expectSignedOut(scene, cookie);
    return login;
  },
});
