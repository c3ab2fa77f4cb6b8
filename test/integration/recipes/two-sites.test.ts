import { expect, it } from 'vitest';
import { testRecipe } from '../../support/recipes';

testRecipe('Two sites', (kitchen) => {
  it('sends people to the provider as the client of the site that they open', async () => {
    const { site, urls, browser } = kitchen();
    const asked = async (url: string) => new URL(String((await browser().get(url)).headers.location)).searchParams;
    expect((await asked(`${site.url}/`)).get('client_id')).toBe('test-client');
    expect((await asked(`${urls[8020]}/`)).get('client_id')).toBe('second-client-id');
  });

  it('a session of the one opens nothing of the other', async () => {
    const { site, urls, browser } = kitchen();
    const agent = browser();
    await agent.navigate(`${site.url}/`);
    expect((await agent.xhr(`${site.url}/`)).status).toBe(200);
    expect((await agent.xhr(`${urls[8020]}/`)).status).toBe(401);
  });
});
