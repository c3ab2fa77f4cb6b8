import { expect } from 'vitest';
import { hasSession, playPlan, received } from './plan';

playPlan('oidcc-client-test-3rd-party-init-login-test-plan', {
  'oidcc-client-test-3rd-party-init-login': async (scene) => {
    const { agent, provider, site } = scene;
    const query = new URLSearchParams({
      iss: provider.issuer,
      login_hint: 'alice@example.com',
      target_link_uri: `${site.url}/reports?year=2026`,
    });
    const page = await agent.navigate(`${site.url}/_oidc_login?${query}`, { from: `${provider.issuer}/` });
    expect(page.status).toBe(200);
    expect(await hasSession(scene)).toBe(true);
    const login = { how: 'finish' as const, page, calls: provider.requests() };
    expect(received(scene, login)).toMatchObject({ url: '/reports?year=2026', headers: { username: 'alice' } });
    expect(provider.requests('/authorize').map((call) => call.query.get('login_hint'))).toEqual(['alice@example.com']);
    return login;
  },
});
