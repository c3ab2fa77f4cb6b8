import { afterAll, beforeAll, expect, it } from 'vitest';
import { freePort } from '../support/free-port';
import {
  type MisbehavingProvider,
  resigned,
  signingKey,
  startMisbehavingProvider,
} from '../support/misbehaving-provider';
import { onEachTarget } from '../support/nginx';
import { testClient, testHmacKey } from '../support/site';
import { authorizationRequest, cookieOf, useScene } from './site';

onEachTarget('two providers, one store', (nginx) => {
  let second: MisbehavingProvider;
  let secondUrl: string;
  const ports = { provider: 0, site: 0 };
  beforeAll(async () => {
    ports.provider = await freePort();
    ports.site = await freePort();
    secondUrl = `http://127.0.0.1:${ports.site}`;
    second = await startMisbehavingProvider({ port: ports.provider });
  });
  afterAll(() => second.stop());
  const scene = useScene(nginx, (first) => ({
    http: `
map $request_uri $issuer_of_path { ~^/second/ http://127.0.0.1:${ports.provider}; default ${first}; }
map $request_uri $callback_of_path { ~^/second/ ${secondUrl}/second/callback; default ${secondUrl}/_codexch; }
server {
    include conf.d/openid_connect.server_conf;
    set $oidc_issuer $issuer_of_path;
    set $oidc_redirect_uri $callback_of_path;
    set $oidc_client ${testClient.id};
    set $oidc_client_secret ${testClient.secret};
    set $oidc_hmac_key ${testHmacKey};
    set $oidc_insecure_http_provider 1;
    listen 127.0.0.1:${ports.site};
    location = /second/callback { js_content oidc.codeExchange; }
    location / {
        auth_request /_oidc_auth;
        error_page 401 = @do_oidc_flow;
        proxy_set_header username $jwt_claim_sub;
        proxy_set_header Cookie $oidc_app_cookies;
        proxy_pass http://my_backend;
    }
}`,
  }));

  it('U19 of two providers chosen by path, the callback uses the one that the login began with', async () => {
    second.reset();
    const page = await scene.agent.navigate(`${secondUrl}/second/page`);
    expect([page.status, page.url]).toEqual([200, `${secondUrl}/second/page`]);
    expect(second.requests('/token')).toHaveLength(1);
    expect(scene.provider.requests()).toHaveLength(0);
    const other = await scene.browser().navigate(`${secondUrl}/page`);
    expect([other.status, other.url]).toEqual([200, `${secondUrl}/page`]);
    expect(scene.provider.requests('/token')).toHaveLength(1);
    // a callback at the other provider's redirect URI
    const mixed = scene.browser();
    const start = await mixed.get(`${secondUrl}/page`);
    const back = new URL(String((await mixed.get(String(start.headers.location))).headers.location));
    back.pathname = '/second/callback';
    expect((await mixed.get(back.href)).status).toBe(400);
    expect(second.requests('/token')).toHaveLength(1);
  });

  it('U19 an answer that says to come from the other provider is refused before the code is sent anywhere', async () => {
    const start = await scene.agent.get(`${secondUrl}/page`);
    const back = new URL(String((await scene.agent.get(String(start.headers.location))).headers.location));
    back.searchParams.set('iss', second.issuer);
    const before = second.requests('/token').length;
    expect((await scene.agent.get(back.href)).status).toBe(400);
    expect([scene.provider.requests('/token').length, second.requests('/token').length]).toEqual([0, before]);
  });

  it('A20 keys, metadata and tokens of one provider count for no other', async () => {
    const { provider } = scene;
    provider.rotateKeys(); // so that both sign with keys of their own
    await scene.signedIn();
    second.reset();
    const { privateKey, kid } = await signingKey('RS256', provider.does.signingKeyNumber);
    second.does.compact = (token) => resigned(token, privateKey, { kid });
    expect((await scene.browser().navigate(`${secondUrl}/second/page`)).status).toBe(403);
    second.reset();
    second.does.idToken = (claims) => ({ ...claims, iss: provider.issuer });
    expect((await scene.browser().navigate(`${secondUrl}/second/page`)).status).toBe(403);
    second.reset();
    expect((await scene.browser().navigate(`${secondUrl}/second/page`)).status).toBe(200);
    expect((await authorizationRequest(scene, scene.browser())).origin).toBe(provider.issuer);
  });

  it('A21 a session of one provider is none at the other, although they share the store', async () => {
    const status = async (url: string, secret: string) =>
      (await scene.browser().xhr(url, { headers: { cookie: `auth_token=${secret}` } })).status;
    const first = await scene.signedIn();
    expect(await status(`${scene.site.url}/`, first)).toBe(200);
    expect(await status(`${secondUrl}/second/x`, first)).toBe(401);
    second.reset();
    const other = scene.browser();
    await other.navigate(`${secondUrl}/second/x`);
    const secret = String(await cookieOf(other, secondUrl, 'auth_token'));
    expect(await status(`${secondUrl}/second/x`, secret)).toBe(200);
    expect(await status(`${scene.site.url}/`, secret)).toBe(401);
    await scene.browser().get(`${scene.site.url}/logout`, { headers: { cookie: `auth_token=${secret}` } });
    expect(await status(`${secondUrl}/second/x`, secret)).toBe(200); // and nobody signs out across them
  });
});
