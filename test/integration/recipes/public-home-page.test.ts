import { expect, it } from 'vitest';
import type { Echo } from '../../support/echo-application';
import { testRecipe } from '../../support/recipes';

testRecipe('A public home page', (kitchen) => {
  const headers = { username: 'mallory', 'x-email': 'mallory@example.com', x_email: 'mallory@example.com' };

  it('shows the home page to a stranger, who can name nobody in its headers, and the rest to nobody', async () => {
    const { site, browser } = kitchen();
    const answer = await browser().get(`${site.url}/`, { headers });
    const { headers: seen } = answer.json<Echo & Record<string, unknown>>();
    expect([answer.status, seen.username, seen['x-email'], seen.x_email]).toEqual([
      200,
      undefined,
      undefined,
      undefined,
    ]);
    expect((await browser().get(`${site.url}/orders`)).status).toBe(302);
  });

  it('greets by name who has signed in by the link, and nobody after signing out', async () => {
    const { site, browser } = kitchen();
    const agent = browser();
    const home = await agent.navigate(`${site.url}/_oidc_login?return=/`);
    const { headers: seen } = home.json<Echo & Record<string, unknown>>();
    expect([home.url, seen.username, seen['x-name']]).toEqual([`${site.url}/`, 'alice', 'Alice Liddell']);
    await agent.post(`${site.url}/logout`, {});
    expect((await agent.get(`${site.url}/`)).json<Echo & Record<string, unknown>>().headers.username).toBeUndefined();
  });
});
