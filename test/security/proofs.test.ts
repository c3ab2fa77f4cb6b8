import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { dpopClient } from '../support/dpop-client';
import { encryptedTo, forgedJwe, recipient } from '../support/encrypted-token';
import { compactToken, tokenParts } from '../support/misbehaving-provider';
import { onEachTarget } from '../support/nginx';
import { cookieOf, useScene } from './site';

const key = await recipient('RSA-OAEP');

onEachTarget('encrypted tokens and tokens bound to a key', (nginx) => {
  const folder = mkdtempSync(join(tmpdir(), 'oidc-keys-'));
  chmodSync(folder, 0o755);
  writeFileSync(join(folder, 'key.json'), JSON.stringify(key.privateJwk));
  afterAll(() => rmSync(folder, { recursive: true }));
  const scene = useScene(nginx, {
    workers: 3,
    changes: {
      alsoSet: {
        oidc_decryption_keyfile: join(folder, 'key.json'),
        oidc_id_token_algs: 'RS256 HS256',
        oidc_bearer_audience: 'api',
      },
    },
    editFrontend: (conf) =>
      conf.replace(
        /\n {4}location \/ \{/,
        `
    location /api/ {
        auth_request /_oidc_bearer;
        error_page 401 = @do_oidc_flow;
        proxy_pass http://my_backend;
    }
    location / {`,
      ),
  });

  async function isRefused(what: string): Promise<void> {
    const browser = scene.browser();
    expect([what, (await browser.navigate(`${scene.site.url}/`)).status]).toEqual([what, 403]);
    expect(await cookieOf(browser, scene.site.url, 'auth_token'), what).toBeUndefined();
  }

  it('A40 encryption is no signature: what anybody could seal to the public key signs nobody in', async () => {
    const { does, client } = scene.provider;
    const seal = (text: string, header = {}) => encryptedTo(key, text, 'RSA-OAEP', 'A256GCM', header);
    const attacks: Record<string, (token: string) => string | Promise<string>> = {
      'claims without a signature': (token) => seal(JSON.stringify(tokenParts(token).claims)),
      'an unsigned token': (token) => seal(compactToken({ alg: 'none' }, tokenParts(token).claims, '')),
      'a token signed with the public key as secret': (token) =>
        seal(compactToken({ alg: 'HS256' }, tokenParts(token).claims, JSON.stringify(key.publicJwk))),
      'a sealed token in a sealed token': async (token) => seal(await seal(token)),
      'a signed token around a sealed one': async (token) =>
        compactToken({ alg: 'HS256', cty: 'JWT' }, await seal(token), client.secret),
      'a signed token that calls itself encrypted': (token) =>
        compactToken({ alg: 'HS256', enc: 'A256GCM' }, tokenParts(token).claims, client.secret),
      'five parts of a signed token': (token) => `${token}.AAAA.AAAA`,
      'a signature algorithm for the key': (token) => forgedJwe(key, token, { alg: 'HS256' }),
    };
    for (const [what, attack] of Object.entries(attacks)) {
      does.compact = attack;
      await isRefused(what);
    }
    does.compact = (token) => seal(token);
    await scene.signedIn(scene.browser()); // the test could tell
  });

  it('A41 no token makes this site inflate, or hash without end: zip, PBES2 and RSA1_5 are refused unread', async () => {
    const { does } = scene.provider;
    for (const header of [
      { zip: 'DEF' },
      { alg: 'PBES2-HS512+A256KW', p2s: 'AAAAAAAAAAA', p2c: 2_000_000_000 },
      { alg: 'RSA1_5' },
      { alg: 'dir' },
      { alg: 'RSA-OAEP', crit: ['zip'] },
    ]) {
      does.compact = (token) => forgedJwe(key, token, header);
      const began = Date.now();
      await isRefused(JSON.stringify(header));
      expect(Date.now() - began).toBeLessThan(3000);
    }
    expect(scene.site.nginx.errorLog().match(/ id_token_algorithm /g)?.length).toBeGreaterThanOrEqual(5);
  });

  it('A42 A43 a token that was stolen opens nothing without its key, nor does a proof that was recorded', async () => {
    const owner = await dpopClient();
    const thief = await dpopClient();
    const token = await scene.provider.accessToken({ cnf: { jkt: owner.jkt } });
    const url = `${scene.site.url}/api/`;
    const call = async (headers: Record<string, string>) => (await scene.agent.xhr(url, { headers })).status;
    const recorded = await owner.proof({ url, token });
    expect(await call({ authorization: `DPoP ${token}`, dpop: recorded })).toBe(200);
    scene.application.requests.length = 0;
    for (const headers of [
      { authorization: `Bearer ${token}` },
      { authorization: `DPoP ${token}` },
      { authorization: `DPoP ${token}`, dpop: recorded },
      { authorization: `Bearer ${token}`, dpop: await owner.proof({ url, token }) },
      { authorization: `DPoP ${token}`, dpop: await thief.proof({ url, token }) },
      { authorization: `DPoP ${token}`, dpop: await thief.proof({ url, token }, {}, { jwk: owner.jwk }) },
      { authorization: `DPoP ${token}`, dpop: await owner.proof({ url: `${url}other`, token }) },
      { authorization: `DPoP ${token}`, dpop: await owner.proof({ url, token: 'another' }) },
    ]) {
      expect([headers, await call(headers as Record<string, string>)]).toEqual([headers, 401]);
    }
    expect(scene.application.requests).toEqual([]);
  });
});
