import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Echo } from '../../support/echo-application';
import { freePort } from '../../support/free-port';
import { type MisbehavingProvider, startMisbehavingProvider } from '../../support/misbehaving-provider';
import { testRecipe } from '../../support/recipes';

let globex: MisbehavingProvider;
const address = { port: 0 };

beforeAll(async () => {
  address.port = await freePort();
  globex = await startMisbehavingProvider({ host: '127.0.0.1', port: address.port });
});
afterAll(() => globex.stop());

testRecipe(
  'Two companies, two providers',
  (kitchen) => {
    const open = async (path: string, agent = kitchen().browser()) => {
      const page = await agent.navigate(kitchen().site.url + path);
      return { agent, page };
    };

    it('lets people choose, signs in there, and remembers it', async () => {
      const { page: choice, agent } = await open('/orders');
      expect([choice.status, choice.text.includes('Acme Ltd'), choice.text.includes('Globex Corporation')]).toEqual([
        401,
        true,
        true,
      ]);
      const href = /href="(\/_oidc_login\/acme[^"]*)"/.exec(choice.text)?.[1];
      const { page } = await open(String(href), agent);
      expect([page.status, page.url]).toEqual([200, `${kitchen().site.url}/orders`]);
      expect(page.json<Echo & Record<string, unknown>>().headers.username).toBe('alice');
      await agent.jar.setCookie('auth_token=; Path=/; Max-Age=0', kitchen().site.url);
      expect((await open('/orders', agent)).page.trail[1]?.url).toContain(kitchen().provider.issuer);
    });

    it('a page of one company takes no session of the other', async () => {
      const { agent } = await open('/_oidc_login/acme?return=/orders');
      expect((await agent.xhr(`${kitchen().site.url}/orders`)).status).toBe(200);
      expect((await agent.xhr(`${kitchen().site.url}/globex/`)).status).toBe(401);
      const { page } = await open('/globex/', agent);
      expect([page.status, page.trail.some(({ url }) => url.startsWith(globex.issuer))]).toEqual([200, true]);
    });
  },
  {
    without: ['issuer', 'client', 'client_secret'],
    edit: (text, { provider }) =>
      text
        .replace('https://globex.example.com', globex.issuer)
        .replace('client-id-at-acme', provider.client.id)
        .replace('client-id-at-globex', globex.client.id),
  },
);
