import { expect, it } from 'vitest';
import { testRecipe } from '../../support/recipes';

const aud = 'https://api.example.com';

testRecipe('API and browser on one path', (kitchen) => {
  const ask = (path: string, token?: string) => {
    const { site, browser } = kitchen();
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    return browser().xhr(site.url + path, { headers });
  };
  const seen = (answer: { json<T>(): T }) => answer.json<{ headers: Record<string, string> }>().headers;

  it('takes a session as well as a token, and tells scripts that have neither', async () => {
    const { site, provider, browser } = kitchen();
    const page = await browser().navigate(`${site.url}/orders/7`);
    expect([page.status, seen(page).username]).toEqual([200, 'alice']);
    const answer = await ask('/orders/7', await provider.accessToken({ aud, sub: 'program' }));
    expect([answer.status, seen(answer).username, seen(answer).authorization]).toEqual([200, 'program', undefined]);
    const refused = await ask('/orders/7');
    expect([refused.status, refused.headers['www-authenticate']]).toEqual([401, 'Bearer']);
  });

  it('has a part for programs with the right scope alone', async () => {
    const { site, provider, browser } = kitchen();
    expect((await ask('/orders/import/x', await provider.accessToken({ aud, scope: 'orders:write' }))).status).toBe(
      200,
    );
    const refused = await ask('/orders/import/x', await provider.accessToken({ aud }));
    expect([refused.status, refused.json().error]).toEqual([403, 'insufficient_scope']);
    const agent = browser();
    await agent.navigate(`${site.url}/orders/7`);
    expect((await agent.get(`${site.url}/orders/import/x`)).status).toBe(401);
  });
});
