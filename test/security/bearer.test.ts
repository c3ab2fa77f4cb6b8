import { createPrivateKey, createPublicKey } from 'node:crypto';
import { beforeAll, expect, it } from 'vitest';
import { siteOf } from '../../src/session/session-id';
import { freePort } from '../support/free-port';
import {
  brokenSignature,
  compactToken,
  resigned,
  signingKey,
  tokenParts,
  unsigned,
} from '../support/misbehaving-provider';
import { onEachTarget } from '../support/nginx';
import { testClient, testHmacKey } from '../support/site';
import { useScene } from './site';

const proxied =
  'error_page 401 = @do_oidc_flow; proxy_set_header username $jwt_claim_sub; proxy_pass http://my_backend;';
const locations = `
    location /api/ { auth_request /_oidc_bearer; ${proxied} }
    location /lenient/ { set $oidc_bearer_typ jwt; auth_request /_oidc_bearer; ${proxied} }
    location /opaque/ { set $oidc_introspection opaque; auth_request /_oidc_bearer; ${proxied} }
    location /either/ { auth_request /_oidc_either; ${proxied} }
    location = /probe/tokens { auth_request off; js_content tokens.items; }
    location = /probe/rename { auth_request off; js_content tokens.rename; }
`;
const probe = `
function items(r) { r.return(200, JSON.stringify(ngx.shared.oidc_tokens.items(100000))); }
function rename(r) {
  ngx.shared.oidc_tokens.items(100000).forEach(function (entry) {
    ngx.shared.oidc_tokens.set(entry[0], entry[1].replace(r.variables.arg_from, r.variables.arg_to), 60000);
  });
  r.return(204);
}
export default { items, rename };`;

onEachTarget('access tokens under attack', (nginx) => {
  let gatePort: number;
  beforeAll(async () => {
    gatePort = await freePort();
  });
  const scene = useScene(nginx, () => ({
    gatePort,
    workers: 3,
    http: 'js_import tokens from conf.d/tokens.js;',
    files: { 'conf.d/tokens.js': probe },
    changes: { alsoSet: { oidc_bearer_audience: `api ${testClient.id}` } },
    editFrontend: (conf) =>
      conf
        .replace(/^ {4}location \/ \{/m, (line) => locations + line)
        .replace('zone=oidc_tokens:4m', 'zone=oidc_tokens:256k'),
  }));
  const ask = (path: string, token: string) =>
    scene.agent.xhr(scene.site.url + path, { headers: { authorization: `Bearer ${token}` } });
  const statuses = async (token: string) => [
    (await ask('/api/x', token)).status,
    (await ask('/lenient/x', token)).status,
  ];

  it('A22 A18 a token that the provider did not sign for this API, as an access token, opens nothing', async () => {
    const { provider } = scene;
    const now = Math.floor(Date.now() / 1000);
    const good = await provider.accessToken();
    const own = await signingKey('RS256');
    const { privateKey: stranger } = await signingKey('RS256', 77);
    const { publicJwk: strangersJwk } = await signingKey('RS256', 77);
    const publicPem = createPublicKey(createPrivateKey(own.privateKey.export({ type: 'pkcs8', format: 'pem' }))).export(
      {
        type: 'spki',
        format: 'pem',
      },
    );
    const here = `${scene.provider.issuer}/jwks`;
    await scene.signedIn();
    const idToken = provider.issued.at(-1)?.idToken ?? '';
    expect(tokenParts(idToken).claims.aud).toBe(testClient.id); // which is an audience here, too
    const tokens: Record<string, string> = {
      'alg none': unsigned(good),
      'alg none, in other letters': resigned(good, '', { alg: 'nOnE' }),
      'HS256 by the public key': resigned(good, String(publicPem), { alg: 'HS256', kid: undefined }),
      'HS256 by the modulus': resigned(good, Buffer.from(String(own.publicJwk.n), 'base64url'), { alg: 'HS256' }),
      'HS256 by the client secret': resigned(good, testClient.secret, { alg: 'HS256', kid: undefined }),
      'another key under the same kid': resigned(good, stranger),
      'a key in the header': resigned(good, stranger, { jwk: strangersJwk, kid: undefined }),
      'a key set in the header': resigned(good, stranger, { jku: here, x5u: here, kid: 'x' }),
      'a kid that is a path': resigned(good, stranger, { kid: '../../../dev/null' }),
      'a bit of the signature changed': brokenSignature(good),
      'other claims under the signature': good.replace(
        /\.[^.]+\./,
        `.${Buffer.from('{"sub":"bob"}').toString('base64url')}.`,
      ),
      'an empty signature': good.replace(/[^.]+$/, ''),
      crit: await provider.accessToken({}, { crit: ['exp'] }),
      b64: await provider.accessToken({}, { b64: false }),
      encrypted: `${good}.x.y`,
      'another API': await provider.accessToken({ aud: 'another' }),
      'an API that begins alike': await provider.accessToken({ aud: ['apis', 'API', 'api '] }),
      'no audience': await provider.accessToken({ aud: null }),
      'another issuer': await provider.accessToken({ iss: 'https://other.test' }),
      'no issuer': await provider.accessToken({ iss: null }),
      expired: await provider.accessToken({ exp: now - 31 }),
      'without an end': await provider.accessToken({ exp: null }),
      'with an end that is no number': await provider.accessToken({ exp: '9999999999' }),
      'not yet valid': await provider.accessToken({ nbf: now + 90 }),
      'of nobody': await provider.accessToken({ sub: null }),
      'bound to a key': await provider.accessToken({ cnf: { jkt: 'x' } }),
      'the ID token of a sign-in': idToken,
      'an ID token that says at+jwt': resigned(idToken, own.privateKey, { typ: 'at+jwt' }),
      'an ID token by token_use': await provider.accessToken({ token_use: 'id' }),
      'a logout token': await provider.logoutToken({
        iss: provider.issuer,
        aud: 'api',
        sub: 'a',
        exp: now + 60,
        events: {},
      }),
      text: 'admin',
      dots: '..',
    };
    scene.application.requests.length = 0;
    const outcomes: Record<string, number[]> = {};
    for (const [name, token] of Object.entries(tokens)) outcomes[name] = await statuses(token);
    expect(outcomes).toEqual(Object.fromEntries(Object.keys(tokens).map((name) => [name, [401, 401]])));
    expect(scene.application.requests).toEqual([]);
    expect(await statuses(good)).toEqual([200, 200]); // the test could tell
    const log = scene.site.nginx.errorLog();
    expect(Object.values(tokens).filter((token) => token.length > 20 && log.includes(token))).toEqual([]);
  });

  it('A18 a header that says alg twice means one thing to everybody: what is verified is what was signed', async () => {
    const { privateKey, kid } = await signingKey('RS256');
    const claims = tokenParts(await scene.provider.accessToken()).claims;
    const header = (text: string) => Buffer.from(text).toString('base64url');
    const rest = `"typ":"at+jwt","kid":"${kid}"`;
    const last = compactToken({ alg: 'RS256', typ: 'at+jwt', kid }, claims, privateKey).split('.');
    last[0] = header(`{"alg":"RS256","alg":"none",${rest}}`);
    expect(await statuses(last.join('.'))).toEqual([401, 401]);
    expect(await statuses(`${last[0]}.${last[1]}.`)).toEqual([401, 401]);
  });

  it('two Authorization headers, or two tokens in one, are refused whatever they hold', async () => {
    const good = await scene.provider.accessToken();
    for (const authorization of [
      [`Bearer ${good}`, 'Bearer x'],
      ['Basic YTpi', `Bearer ${good}`],
      `Bearer ${good}, Bearer ${good}`,
      `Bearer x ${good}`,
    ]) {
      for (const path of ['/api/x', '/either/x']) {
        expect((await scene.agent.xhr(scene.site.url + path, { headers: { authorization } })).status).toBe(400);
      }
    }
    expect(scene.application.requests).toEqual([]);
  });

  it('A10 no session helps a bad token, and no token a bad session', async () => {
    await scene.signedIn();
    expect((await scene.agent.get(`${scene.site.url}/either/x`)).status).toBe(200);
    scene.application.requests.length = 0;
    for (const token of ['x', 'a.b.c', await scene.provider.accessToken({ aud: 'another' })]) {
      expect((await ask('/either/x', token)).status).toBe(401);
      expect((await ask('/api/x', token)).status).toBe(401);
    }
    expect((await scene.agent.get(`${scene.site.url}/api/x`)).status).toBe(401); // the session alone
    expect(scene.application.requests).toEqual([]);
  });

  it('tokens of any length are refused, and NGINX goes on', async () => {
    for (const length of [1, 1000, 7000, 20_000, 100_000]) {
      const { status } = await ask('/opaque/x', 'a'.repeat(length)).catch(() => ({ status: 400 }));
      expect([400, 401, 431]).toContain(status);
    }
    const deep = Buffer.from(`{"alg":"RS256","typ":"at+jwt","x":${'['.repeat(1100)}${']'.repeat(1100)}}`).toString(
      'base64url',
    );
    expect((await ask('/api/x', `${deep}.${deep}.AAAA`)).status).toBe(401);
    expect((await ask('/api/x', await scene.provider.accessToken())).status).toBe(200);
  });

  it('U20 a flood of bad tokens fetches keys three times at most, and none for what its header forbids', async () => {
    const { provider } = scene;
    const good = await provider.accessToken();
    expect((await ask('/api/x', good)).status).toBe(200);
    const fetched = () => provider.requests('/jwks').length;
    const before = fetched();
    const { privateKey } = await signingKey('RS256', 78);
    const forbidden = [
      unsigned(good),
      resigned(good, 'secret', { alg: 'HS256' }),
      resigned(good, privateKey, { typ: 'x', kid: 'k' }),
    ];
    for (let round = 0; round < 20; round++) {
      await Promise.all(forbidden.map((token) => ask('/api/x', token)));
    }
    expect(fetched()).toBe(before);
    await Promise.all(
      Array.from({ length: 60 }, (_, at) => ask('/api/x', resigned(good, privateKey, { kid: `k${at}` }))),
    );
    expect(fetched() - before).toBeLessThanOrEqual(3);
    expect((await ask('/api/x', good)).status).toBe(200);
  });

  it('a flood of tokens that nobody gave out pushes out neither good tokens nor sessions', async () => {
    const { agent, site, provider } = scene;
    await scene.signedIn();
    const opaque = provider.opaqueToken();
    expect((await ask('/opaque/x', opaque)).status).toBe(200);
    await agent.get(`${site.url}/probe/rename?from=alice&to=kept-alice`);
    provider.respond('/introspect', { body: '{"active":false}' });
    for (let at = 0; at < 1500; at += 50) {
      await Promise.all(Array.from({ length: 50 }, (_, n) => ask('/opaque/x', `made-up-${at + n}`)));
    }
    const entries = (await agent.get(`${site.url}/probe/tokens`)).json<[string, string][] & Record<string, unknown>>();
    const bad = entries.filter(([key, text]) => key.startsWith('i:') && !text.includes('"answer"'));
    expect(bad.length).toBeGreaterThan(100);
    expect(bad.length).toBeLessThan(1000);
    provider.respond('/introspect', undefined);
    expect(scene.echo(await ask('/opaque/x', opaque)).headers.username).toBe('kept-alice');
    expect((await ask('/opaque/x', provider.opaqueToken())).status).toBe(200);
    expect((await ask('/api/x', await provider.accessToken())).status).toBe(200);
    expect((await agent.get(`${site.url}/x`)).status).toBe(200);
  });

  it('A20 what is kept of a token tells nothing to somebody else on the machine, and counts for no other site', async () => {
    const good = await scene.provider.accessToken();
    expect((await ask('/api/x', good)).status).toBe(200);
    const realm = `${testClient.id} ${scene.provider.issuer} `;
    const sites = [
      '',
      `http ${realm}`,
      `http ${siteOf(realm, 'guessed-key-of-the-site-0123456789')}`,
      `http ${siteOf(`x${realm}`, testHmacKey)}`,
    ].map((site) => site && `${site}\t\t\t\t .`);
    const unset = `${'\t'.repeat(13)}.`;
    const asked = `asked api ${testClient.id}${unset}`;
    const gate = (site: string, what: string) =>
      fetch(`http://127.0.0.1:${gatePort}/_oidc_bearer`, {
        headers: { authorization: `Bearer ${good}`, 'oidc-site': site, 'oidc-bearer': what },
      });
    for (const site of sites) {
      const answer = await gate(site, asked);
      expect([site, answer.status, answer.headers.get('jwt_claim_sub')]).toEqual([site, 409, null]);
    }
    const right = `http ${siteOf(realm, testHmacKey)}\t\t\t\t .`;
    expect((await gate(right, asked)).status).toBe(204); // the test could tell
    expect((await gate(right, asked.replace('.', 'x.'))).status).toBe(409);
    expect((await gate(right, `asked other${unset}`)).status).toBe(409);
    // nor does a client choose what is asked, or for which site
    const headers = {
      authorization: `Bearer ${await scene.provider.accessToken({ aud: 'x' })}`,
      'oidc-bearer': 'asked x',
      'oidc-site': right,
    };
    expect((await scene.agent.xhr(`${scene.site.url}/api/x`, { headers })).status).toBe(401);
  });
});
