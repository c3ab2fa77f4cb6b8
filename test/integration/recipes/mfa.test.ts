import { expect, it } from 'vitest';
import { testRecipe } from '../../support/recipes';

const now = () => Math.floor(Date.now() / 1000);

testRecipe('MFA for /admin', (kitchen) => {
  it('asks for the second factor at /admin/ alone, and checks that it was one', async () => {
    const { site, provider, browser } = kitchen();
    const agent = browser();
    const signInWith = (claims: Record<string, unknown>) => {
      provider.does.idToken = (proper) => ({ ...proper, auth_time: now(), ...claims });
    };
    signInWith({ acr: 'password' });
    expect((await agent.navigate(`${site.url}/`)).status).toBe(200);
    expect((await agent.navigate(`${site.url}/admin/`)).status, 'once more a password').toBe(403);
    expect(provider.requests('/authorize').at(-1)?.query.get('acr_values')).toBe('mfa');
    signInWith({ acr: 'mfa' });
    expect((await agent.navigate(`${site.url}/admin/`)).status).toBe(200);
    expect((await agent.navigate(`${site.url}/`)).status).toBe(200);
  });
});
