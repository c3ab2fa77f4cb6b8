import { expect, it } from 'vitest';
import { testRecipe } from '../../support/recipes';

testRecipe('An application in one page', (kitchen) => {
  it('begins a sign-in by a page that remembers the view', async () => {
    const { site, browser } = kitchen();
    const page = await browser().get(`${site.url}/app?a=1&b=2`);
    expect([page.status, page.headers.location]).toEqual([401, undefined]);
    expect(page.text).toContain('data-step="page" data-login="/_oidc_login"');
    expect(page.text).toContain('content="0;url=/_oidc_login?return=%2Fapp%3Fa%3D1%26b%3D2"');
  });

  it('keeps a form of 2 MB, and gives it back', async () => {
    const { site, browser } = kitchen();
    const agent = browser();
    const body = Buffer.alloc(2_097_152, 'x');
    const headers = { 'content-type': 'text/plain' };
    const page = await agent.get(`${site.url}/orders`, { method: 'POST', body, from: `${site.url}/`, headers });
    expect(page.text).toContain('data-step="form"');
    await agent.navigate(`${site.url}/_oidc_login?return=/_oidc_return`);
    const sealed = / value="([\w-]+)"/.exec(page.text)?.[1] ?? '';
    const answer = await agent.xhr(`${site.url}/_oidc_return`, { method: 'POST', body: sealed });
    expect([answer.status, answer.json().body]).toEqual([200, body.toString('base64')]);
  });

  it('tells a script where to sign in', async () => {
    const { site, browser } = kitchen();
    const answer = await browser().xhr(`${site.url}/api/orders`);
    expect([answer.status, answer.json()]).toEqual([401, { error: 'login_required', sign_in: '/_oidc_login' }]);
  });
});
