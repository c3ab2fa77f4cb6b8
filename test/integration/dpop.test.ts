import { setTimeout as sleep } from 'node:timers/promises';
import { calculateJwkThumbprint, decodeJwt, decodeProtectedHeader, type JWK } from 'jose';
import { beforeAll, expect, it } from 'vitest';
import { useScene } from '../security/site';
import { freePort, onEachTarget } from '../support/nginx';

type Headers = Record<string, string | string[] | undefined>;
const proofIn = (headers: Headers = {}): Record<string, unknown> & { jwk: JWK } => {
  const proof = String(headers.dpop);
  return { ...decodeJwt(proof), jwk: decodeProtectedHeader(proof).jwk as JWK };
};
const jktOf = (headers?: Headers) => calculateJwkThumbprint(proofIn(headers).jwk);

const apiLocation = (api: number) => `
    location /api/ {
        auth_request /_oidc_proof;
        error_page 401 = @do_oidc_flow;
        set $oidc_dpop_url "https://api.example.com$request_uri";
        proxy_set_header Authorization "DPoP $access_token";
        proxy_set_header DPoP $oidc_dpop_proof;
        js_header_filter oidc.keepDpopNonce;
        proxy_pass http://my_backend;
    }
    location /nonce/ {
        auth_request /_oidc_proof;
        error_page 401 = @do_oidc_flow;
        set $oidc_dpop_url "https://other-api.example.com$request_uri";
        proxy_set_header DPoP $oidc_dpop_proof;
        js_header_filter oidc.keepDpopNonce;
        proxy_pass http://127.0.0.1:${api};
    }
    location /admins/ {
        auth_request /_oidc_proof;
        error_page 401 = @do_oidc_flow;
        set $oidc_dpop_url "https://api.example.com$request_uri";
        set $oidc_require "groups any root";
        proxy_pass http://my_backend;
    }
    location /unset/ {
        auth_request /_oidc_proof;
        error_page 401 = @do_oidc_flow;
        proxy_pass http://my_backend;
    }
    location / {
        auth_request /_oidc_auth;`;

onEachTarget('tokens bound to a key', (nginx) => {
  let api = 0;
  beforeAll(async () => {
    api = await freePort();
  });
  const scene = useScene(nginx, () => ({
    http: `server {
      listen 127.0.0.1:${api};
      location / { add_header DPoP-Nonce nonce-of-api; return 200 $http_dpop; }
    }`,
    changes: { alsoSet: { oidc_dpop: '1', oidc_userinfo: '1', oidc_renew_before: '0' } },
    editFrontend: (conf) =>
      conf
        .replace('# auth_request_set $access_token', 'auth_request_set $access_token')
        .replace(/\n {4}location \/ \{\n {8}auth_request \/_oidc_auth;/, apiLocation(api)),
  }));
  const tokenRequests = () => scene.provider.requests('/token');

  it('are asked for with a proof of the key that the authorization request named', async () => {
    await scene.signedIn();
    const [authorize] = scene.provider.requests('/authorize');
    const [token, ...more] = tokenRequests();
    expect(more).toEqual([]);
    expect(await jktOf(token?.headers ?? {})).toBe(authorize?.query.get('dpop_jkt'));
    const proof = proofIn(token?.headers ?? {});
    expect(proof).toMatchObject({
      htm: 'POST',
      htu: `${scene.provider.issuer}/token`,
      jti: expect.stringMatching(/^.{22}$/),
    });
    expect(Math.abs(Number(proof.iat) - Date.now() / 1000)).toBeLessThan(5);
    expect(Object.keys(proof.jwk).sort()).toEqual(['crv', 'kty', 'x', 'y']);
    const [userinfo] = scene.provider.requests('/userinfo');
    expect(userinfo?.headers.authorization).toMatch(/^DPoP access-/);
    expect(proofIn(userinfo?.headers ?? {}).ath).toBeDefined();
    expect(scene.provider.requests('/jwks').every(({ headers }) => headers.dpop === undefined)).toBe(true);
  });

  it('have another key in each session, which renewals go on with', async () => {
    scene.provider.does.expiresIn = 2;
    const [one, two] = [scene.browser(), scene.browser()];
    await scene.signedIn(one);
    await scene.signedIn(two);
    const keys = await Promise.all(tokenRequests().map(({ headers }) => jktOf(headers)));
    expect(keys[0]).not.toBe(keys[1]);
    await sleep(2100);
    expect((await one.xhr(`${scene.site.url}/`)).status).toBe(200);
    const [renewal] = scene.provider.grants('refresh_token');
    expect(await jktOf(renewal?.headers ?? {})).toBe(keys[0]);
  });

  it('are asked for once more where the provider wants its nonce, which is remembered', async () => {
    scene.provider.does.dpopNonce = 'nonce-1';
    await scene.signedIn();
    expect(tokenRequests().map(({ headers }) => proofIn(headers).nonce)).toEqual([undefined, 'nonce-1']);
    const [first, second] = tokenRequests().map(({ headers }) => proofIn(headers).jti);
    expect(first).not.toBe(second);
    await scene.signedIn(scene.browser());
    expect(tokenRequests()).toHaveLength(3);
    scene.provider.does.dpopNonce = 'nonce-2';
    await scene.signedIn(scene.browser());
    expect(
      tokenRequests()
        .map(({ headers }) => proofIn(headers).nonce)
        .slice(3),
    ).toEqual(['nonce-1', 'nonce-2']);
  });

  it('are asked for twice at most', async () => {
    scene.site.nginx.expectLog(/token_request_failed .* use_dpop_nonce/);
    let count = 0;
    scene.provider.respond('/token', () => ({
      status: 400,
      body: '{"error":"use_dpop_nonce"}',
      headers: { 'dpop-nonce': `never-${count++}` },
    }));
    expect((await scene.agent.navigate(`${scene.site.url}/`)).status).toBe(502);
    expect(count).toBe(2);
  });

  it('are refused where the provider did not bind them', async () => {
    scene.site.nginx.expectLog(/token_response_invalid/);
    scene.provider.does.tokens = (body) => ({ ...body, token_type: 'Bearer' });
    expect((await scene.agent.navigate(`${scene.site.url}/`)).status).toBe(502);
    expect(scene.site.nginx.errorLog()).toContain('turn DPoP on for this client');
  });

  it('reach an API with a fresh proof for its address', async () => {
    await scene.signedIn();
    const answers = [
      await scene.agent.xhr(`${scene.site.url}/api/orders?page=2`),
      await scene.agent.xhr(`${scene.site.url}/api/orders?page=2`, { method: 'POST', body: 'x' }),
    ];
    const proofs = answers.map((answer) => {
      const { headers } = scene.echo(answer);
      expect(headers.authorization).toBe(`DPoP ${scene.provider.issued.at(-1)?.accessToken}`);
      return proofIn(headers);
    });
    expect(proofs.map(({ htm }) => htm)).toEqual(['GET', 'POST']);
    expect(proofs.every(({ htu }) => htu === 'https://api.example.com/api/orders')).toBe(true);
    expect(proofs[0]?.jti).not.toBe(proofs[1]?.jti);
    expect(await calculateJwkThumbprint(proofs[0]?.jwk as JWK)).toBe(await jktOf(tokenRequests()[0]?.headers ?? {}));
  });

  it('have the nonce of the API in the next proof', async () => {
    await scene.signedIn();
    const nonces: unknown[] = [];
    for (let n = 0; n < 2; n++) {
      nonces.push(proofIn({ dpop: (await scene.agent.xhr(`${scene.site.url}/nonce/`)).text }).nonce);
    }
    expect(nonces).toEqual([undefined, 'nonce-of-api']);
    const { headers } = scene.echo(await scene.agent.xhr(`${scene.site.url}/api/`));
    expect(proofIn(headers).nonce).toBeUndefined();
  });

  it('are for who is signed in: others sign in first, and scripts get 401', async () => {
    expect((await scene.browser().xhr(`${scene.site.url}/api/`)).status).toBe(401);
    expect((await scene.agent.navigate(`${scene.site.url}/api/`)).status).toBe(200);
    expect((await scene.browser().get(`${scene.site.url}/_oidc_proof`)).status).toBe(404);
  });

  it('open no location that demands more of the person', async () => {
    await scene.signedIn();
    expect((await scene.agent.xhr(`${scene.site.url}/api/`)).status).toBe(200);
    expect((await scene.agent.navigate(`${scene.site.url}/admins/`)).status).toBe(403);
    expect(scene.application.requests.filter(({ url }) => url.startsWith('/admins'))).toEqual([]);
  });

  it('are no use for a location without $oidc_dpop_url, which says so', async () => {
    scene.site.nginx.expectLog(/config_invalid .*\/_oidc_proof needs/);
    await scene.signedIn();
    expect((await scene.agent.navigate(`${scene.site.url}/unset/`)).status).toBe(500);
    expect(scene.site.nginx.errorLog()).toContain('/_oidc_proof needs $oidc_dpop 1, and $oidc_dpop_url');
  });

  it('never show a key or a proof in the log or the store', async () => {
    await scene.signedIn();
    const { headers } = scene.echo(await scene.agent.xhr(`${scene.site.url}/api/x`));
    const { jwk } = proofIn(headers);
    const seen = scene.site.nginx.errorLog() + JSON.stringify(await scene.store());
    for (const secret of [String(headers.dpop), String(jwk.x), String(jwk.y)]) expect(seen).not.toContain(secret);
  });
});
