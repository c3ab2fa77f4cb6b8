import { expect, it } from 'vitest';
import { testRecipe } from '../../support/recipes';

testRecipe('Only admins', (kitchen) => {
  it.each([
    ['an admin', { groups: ['staff', 'admins'], email_verified: true }, 200],
    ['an admin whose address nobody has verified', { groups: ['admins'], email_verified: false }, 403],
    ['somebody else', { groups: ['staff'], email_verified: true }, 403],
    ['somebody without groups', { email_verified: true }, 403],
  ])('%s', async (_who, claims, status) => {
    const { site, provider, browser } = kitchen();
    provider.does.user = { sub: 'alice', ...claims };
    const agent = browser();
    expect((await agent.navigate(`${site.url}/admin/users`)).status).toBe(status);
    expect((await agent.navigate(`${site.url}/`)).status, 'the rest of the site').toBe(200);
  });
});
