import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { type Scene, type SceneOptions, useScene } from '../security/site';
import { logoutClaims } from '../support/logout-claims';
import { brokenSignature, compactToken, Reply, resigned, signingKey } from '../support/misbehaving-provider';
import { onEachTarget } from '../support/nginx';
import { testClient } from '../support/site';

// dist/openid_connect_eddsa.js, which only QuickJS loads; and what is said where it is not.

const names = ['EdDSA', 'Ed25519'];
/** The neutral element: as a key and as R it fits any message, with an S of 0. */
const neutral = Buffer.concat([Buffer.from([1]), Buffer.alloc(31)]);
const api = `
    location /api/ {
        set $oidc_bearer_audience api;
        auth_request /_oidc_bearer;
        error_page 401 = @do_oidc_flow;
        proxy_set_header username $jwt_claim_sub;
        proxy_pass http://my_backend;
    }
`;
const imported = (conf: string) => conf.replace(/# (js_import oidc_eddsa )/, '$1');
const options: SceneOptions = { provider: { alg: 'EdDSA' }, editServer: (conf) => conf + api };

const logged = (scene: Scene) => scene.site.nginx.errorLog().slice(loggedBefore);
let loggedBefore = 0;
const bearer = async (scene: Scene, token: string) => {
  const headers = { authorization: `Bearer ${token}` };
  return (await scene.browser().xhr(`${scene.site.url}/api/`, { headers })).status;
};

onEachTarget('tokens signed with EdDSA', (nginx) => {
  if (nginx.engine !== 'qjs') {
    describe('without QuickJS', () => {
      const scene = useScene(nginx, options);

      it('are refused, and the log says that this engine cannot verify them', async () => {
        expect((await scene.agent.navigate(`${scene.site.url}/`)).status).toBe(403);
        expect(scene.site.nginx.errorLog()).toMatch(
          / id_token_algorithm .*EdDSA, which this NGINX cannot verify: that takes QuickJS .*RS256 or ES256/,
        );
        expect(await bearer(scene, await scene.provider.accessToken())).toBe(401);
        scene.provider.does.alg = 'ES256';
        await scene.signedIn();
      });
    });
    return;
  }

  describe('without openid_connect_eddsa.js', () => {
    const scene = useScene(nginx, options);

    it.each(names)('are refused, and the log names the line to uncomment: %s', async (alg) => {
      scene.provider.does.alg = alg;
      expect((await scene.agent.navigate(`${scene.site.url}/`)).status).toBe(403);
      const line = `signed with ${alg}, which takes openid_connect_eddsa.js: uncomment its js_import line in frontend.conf`;
      expect(scene.site.nginx.errorLog()).toContain(line);
      expect(await bearer(scene, await scene.provider.accessToken())).toBe(401);
    });
  });

  describe('with openid_connect_eddsa.js', () => {
    const holds = 'location = /holds { auth_request off; js_content holds.it; }';
    const scene = useScene(nginx, {
      ...options,
      editServer: (conf) => `${conf}${api}${holds}\n`,
      editFrontend: (conf) => imported(conf).replace(/(large_client_header_buffers .*\n)/, `$1    ${holds}\n`),
      http: 'js_import holds from conf.d/holds.js;',
      files: {
        'conf.d/holds.js': 'export default { it: (r) => r.return(200, typeof globalThis.oidcVerifyEd25519) };',
      },
    });
    beforeEach(async () => {
      const keys = (await Promise.all(names.map((name) => signingKey(name)))).map(({ publicJwk }) => publicJwk);
      const x = neutral.toString('base64url');
      scene.provider.does.jwks = () => ({ keys: [...keys, { kty: 'OKP', crv: 'Ed25519', kid: 'neutral', x }] });
      loggedBefore = scene.site.nginx.errorLog().length;
    });

    it('load the file in their own server, not in that of the gate', async () => {
      const { nginx: running, url } = scene.site;
      const frontend = readFileSync(join(running.dir, 'conf.d/frontend.conf'), 'utf8');
      const [, gate = ''] = /listen (127\.0\.0\.1:\d+);\s+allow/.exec(frontend) ?? [];
      expect((await scene.agent.xhr(`${url}/holds`)).text).toBe('function');
      expect((await scene.agent.xhr(`http://${gate}/holds`)).text).toBe('undefined');
    });

    it.each(names)('let people in, and out: %s', async (alg) => {
      const { provider, site, agent } = scene;
      provider.does.alg = alg;
      await scene.signedIn();
      expect((await agent.xhr(`${site.url}/`)).status).toBe(200);
      const claims = logoutClaims({ iss: provider.issuer, aud: testClient.id }, { sid: provider.issued.at(-1)?.sid });
      const logout = (token: string) =>
        scene.browser().xhr(`${site.url}/back_channel_logout`, { method: 'POST', form: { logout_token: token } });
      const token = await provider.logoutToken(claims);
      expect((await logout(brokenSignature(token))).status).toBe(400);
      expect((await agent.xhr(`${site.url}/`)).status).toBe(200);
      expect((await logout(token)).status).toBe(200);
      expect((await agent.xhr(`${site.url}/`)).status).toBe(401);
    });

    it.each(names)('open an API, and not when their signature is broken: %s', async (alg) => {
      scene.provider.does.alg = alg;
      const token = await scene.provider.accessToken();
      expect(await bearer(scene, brokenSignature(token))).toBe(401);
      expect(await bearer(scene, token)).toBe(200);
    });

    it('are refused when the key that is published is one for which a signature of any message can be made', async () => {
      const forged = Buffer.concat([neutral, Buffer.alloc(32)]).toString('base64url');
      scene.provider.does.compact = (token) => {
        const parts = token.split('.').slice(0, 2);
        const header = JSON.parse(Buffer.from(parts[0] ?? '', 'base64url').toString());
        parts[0] = Buffer.from(JSON.stringify({ ...header, kid: 'neutral' })).toString('base64url');
        return `${parts.join('.')}.${forged}`;
      };
      expect((await scene.agent.navigate(`${scene.site.url}/`)).status).toBe(403);
      expect(logged(scene)).toContain(' id_token_signature ');
    });

    it.each([
      ['by another key', async (token: string) => resigned(token, (await signingKey('EdDSA', 2)).privateKey)],
      ['by nobody', brokenSignature],
      ['with 64 zeros', (token: string) => token.replace(/[^.]+$/, 'A'.repeat(86))],
      ['with an empty signature', (token: string) => token.replace(/[^.]+$/, '')],
    ])('are refused when they are signed %s', async (_what, forge) => {
      scene.provider.does.compact = forge;
      expect((await scene.agent.navigate(`${scene.site.url}/`)).status).toBe(403);
      expect(logged(scene)).toMatch(/ id_token_(?:signature|invalid) /);
    });
  });

  describe('with openid_connect_eddsa.js', () => {
    const alsoSet = { oidc_response_mode: 'jwt', oidc_userinfo: '1' };
    const scene = useScene(nginx, { ...options, editFrontend: imported, changes: { alsoSet } });

    it('responses (JARM) and UserInfo may be signed so, too, and are refused when that does not hold', async () => {
      const { does } = scene.provider;
      const { privateKey, kid } = await signingKey('EdDSA');
      const signed = (claims: object) => compactToken({ alg: 'EdDSA', kid }, { ...claims }, privateKey);
      const answer = (token: string) => new Reply(200, token, { 'content-type': 'application/jwt' });
      does.idToken = ({ name: _, ...claims }) => claims;
      does.userinfo = (claims) => answer(signed({ ...claims, name: 'From UserInfo' }));
      const page = await scene.agent.navigate(`${scene.site.url}/`);
      expect(scene.echo(page).headers['x-name']).toBe('From UserInfo');
      does.userinfo = (claims) => answer(brokenSignature(signed({ ...claims })));
      expect((await scene.browser().navigate(`${scene.site.url}/`)).status).toBe(403);
      does.responseJwt = brokenSignature;
      expect((await scene.browser().navigate(`${scene.site.url}/`)).status).toBe(403);
      expect(scene.site.nginx.errorLog()).toMatch(/ userinfo_invalid [\s\S]* response_invalid /);
    });
  });
});
