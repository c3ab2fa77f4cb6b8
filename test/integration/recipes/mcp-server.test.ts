import { expect, it } from 'vitest';
import { testRecipe } from '../../support/recipes';

testRecipe('An MCP server', (kitchen) => {
  it('leads a client that knows the address alone to the provider, and takes its token', async () => {
    const { site, provider, browser } = kitchen();
    const agent = browser();
    const call = (headers: Record<string, string> = {}) =>
      agent.xhr(`${site.url}/mcp`, { method: 'POST', body: '{"jsonrpc":"2.0"}', headers });
    const challenge = String((await call()).headers['www-authenticate']);
    const [, found = ''] = /resource_metadata="([^"]+)"/.exec(challenge) ?? [];
    expect(found).toBe('https://app.example.com/.well-known/oauth-protected-resource/mcp');
    const metadata = (await agent.xhr(site.url + new URL(found).pathname)).json<{
      resource: string;
      authorization_servers: string[];
    }>();
    expect(metadata.authorization_servers).toEqual([provider.issuer]);
    const token = await provider.accessToken({ aud: metadata.resource });
    const answer = await call({ authorization: `Bearer ${token}` });
    expect([answer.status, answer.json<{ bodyBytes: number }>().bodyBytes]).toEqual([200, 17]);
    const elsewhere = await provider.accessToken({ aud: 'https://elsewhere.example.com' });
    expect((await call({ authorization: `Bearer ${elsewhere}` })).status).toBe(401);
  });
});
