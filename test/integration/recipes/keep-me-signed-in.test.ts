import { expect, it } from 'vitest';
import { testRecipe } from '../../support/recipes';

testRecipe('Keep me signed in', (kitchen) => {
  const cookieAfter = async (href: string) => {
    const { site, browser } = kitchen();
    const agent = browser();
    const page = await agent.navigate(site.url + href, { from: `${site.url}/welcome` });
    expect(page.status).toBe(200);
    return page.trail.flatMap(({ setCookies }) => setCookies).find((line) => line.startsWith('auth_token='));
  };

  it('offers both, and keeps who asks for it', async () => {
    const { site, browser } = kitchen();
    const { text } = await browser().get(`${site.url}/welcome`);
    const links = [...text.matchAll(/href="([^"]+)"/g)].map(([, href = '']) => href.replaceAll('&amp;', '&'));
    const cookies = await Promise.all(links.map(cookieAfter));
    expect(cookies[0]).not.toContain('Max-Age');
    expect(cookies[1]).toContain('Max-Age=1209600');
  });
});
