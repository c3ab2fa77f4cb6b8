import { expect, it } from 'vitest';
import { testRecipe } from '../../support/recipes';
import { testClient, testHmacKey } from '../../support/site';

testRecipe(
  'Two sub-domains, one sign-in',
  (kitchen) => {
    const shop = () => `http://shop.site.test:${kitchen().site.port}/`;
    const orders = () => (kitchen().urls[8020] as string).replace('127.0.0.1', 'orders.site.test');

    it('opens both by a sign-in at either, and shuts both by a sign-out', async () => {
      for (const [first, second] of [
        [shop(), `${orders()}/`],
        [`${orders()}/`, shop()],
      ] as const) {
        const agent = kitchen().browser();
        expect((await agent.xhr(second)).status).toBe(401);
        expect((await agent.navigate(first)).status).toBe(200);
        expect((await agent.xhr(second)).status).toBe(200);
        await agent.get(`${second}logout`);
        expect([(await agent.xhr(first)).status, (await agent.xhr(second)).status]).toEqual([401, 401]);
      }
    });
  },
  {
    edit: (text) =>
      text
        .replaceAll('example.com', 'site.test')
        .replace('my-client-id', testClient.id)
        .replace('the-same-as-of-the-first', testHmacKey),
  },
);
