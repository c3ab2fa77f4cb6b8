import { expect, it } from 'vitest';
import type { Echo } from '../../support/echo-application';
import { testRecipe } from '../../support/recipes';

testRecipe('A folder without sign-in', (kitchen) => {
  it('shows the folder to everybody, who can name nobody in its headers, and the rest to nobody', async () => {
    const { site, browser } = kitchen();
    const headers = { username: 'mallory', 'x-email': 'mallory@example.com' };
    const answer = await browser().get(`${site.url}/public/logo.svg`, { headers });
    expect(answer.status).toBe(200);
    const { headers: seen } = answer.json<Echo & Record<string, unknown>>();
    expect([seen.username, seen['x-email']]).toEqual([undefined, undefined]);
    expect((await browser().xhr(`${site.url}/`)).status).toBe(401);
  });

  it('shows it to somebody who is signed in, too', async () => {
    const { site, browser } = kitchen();
    const agent = browser();
    expect((await agent.navigate(`${site.url}/`)).status).toBe(200);
    expect((await agent.get(`${site.url}/public/logo.svg`)).status).toBe(200);
  });
});
