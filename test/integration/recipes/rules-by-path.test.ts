import { expect, it } from 'vitest';
import { testRecipe } from '../../support/recipes';

testRecipe('Rules by path in one place', (kitchen) => {
  it.each([
    ['an admin', { groups: ['admins'] }, { '/admin': 200, '/admin/x': 200, '/finance/x': 200, '/': 200 }],
    ['finance', { department: 'finance' }, { '/admin/x': 403, '//admin/': 403, '/finance/x': 200, '/': 200 }],
    [
      'others',
      {},
      { '/admin': 403, '/%61dmin/x': 403, '/x/../finance/': 403, '/administration': 200, '/?/admin/': 200 },
    ],
  ])('%s', async (_who, claims, expected) => {
    const { site, provider, browser } = kitchen();
    provider.does.user = { sub: 'alice', ...claims };
    const agent = browser();
    await agent.navigate(`${site.url}/`);
    for (const [target, status] of Object.entries(expected)) {
      expect([target, (await agent.xhr(`${site.url}/`, { target })).status]).toEqual([target, status]);
    }
  });
});
