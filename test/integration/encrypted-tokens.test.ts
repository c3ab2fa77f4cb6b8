import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, it } from 'vitest';
import { cookieOf, useScene } from '../security/site';
import { encryptedTo, forgedJwe, recipient } from '../support/encrypted-token';
import { logoutClaims } from '../support/logout-claims';
import { brokenSignature, compactToken, Reply, signingKey } from '../support/misbehaving-provider';
import { onEachTarget } from '../support/nginx';
import { testClient } from '../support/site';

const rsa = await recipient('RSA-OAEP');
const ec = await recipient('ECDH-ES');
const larger = await recipient('ECDH-ES', 1, 'P-384');
const encryptions = ['A128GCM', 'A256GCM', 'A128CBC-HS256', 'A256CBC-HS512'];

onEachTarget('encrypted tokens', (nginx) => {
  const folder = mkdtempSync(join(tmpdir(), 'oidc-keys-'));
  chmodSync(folder, 0o755);
  const file = join(folder, 'decryption.json');
  writeFileSync(file, JSON.stringify({ keys: [rsa, ec, larger].map(({ privateJwk }) => privateJwk) }));
  afterAll(() => rmSync(folder, { recursive: true }));

  /** njs 0.8.9 hashes with SHA-1 whatever RSA-OAEP is told, and knows no ECDH. */
  const algorithms = nginx.target === 'A' ? ['RSA-OAEP'] : ['RSA-OAEP', 'RSA-OAEP-256', 'ECDH-ES'];
  const pairs = algorithms.flatMap((alg) => encryptions.map((enc) => [alg, enc] as const));

  const scene = useScene(nginx, {
    changes: {
      alsoSet: { oidc_decryption_keyfile: file, oidc_userinfo: '1', oidc_renew_before: '0' },
    },
    editFrontend: (conf) =>
      conf
        .replace('# auth_request_set $id_token', 'auth_request_set $id_token')
        .replace(
          'proxy_set_header Host      $host;',
          'proxy_set_header Host $host; proxy_set_header X-Id-Token $id_token;',
        ),
  });
  const keyFor = (alg: string) => (alg === 'ECDH-ES' ? ec : rsa);
  const sealing =
    (alg: string, enc: string, header = {}) =>
    (token: string) =>
      encryptedTo(keyFor(alg), token, alg, enc, header);
  const signedUserinfo = async (claims: Record<string, unknown>, alg = 'RS256') => {
    const { privateKey, kid } = await signingKey('RS256');
    return compactToken({ alg, kid }, claims, privateKey);
  };
  const answer = (token: string) => new Reply(200, token, { 'content-type': 'application/jwt' });
  const isRefused = async (code: string, status = 403) => {
    const logged = scene.site.nginx.errorLog().length;
    const browser = scene.browser();
    expect((await browser.navigate(`${scene.site.url}/`)).status).toBe(status);
    expect(scene.site.nginx.errorLog().slice(logged)).toContain(` ${code} `);
    expect(await cookieOf(browser, scene.site.url, 'auth_token')).toBeUndefined();
  };

  it.each(pairs)('an ID token encrypted by %s with %s signs in; the location gets the signed one', async (alg, enc) => {
    scene.provider.does.compact = sealing(alg, enc);
    const page = await scene.agent.navigate(`${scene.site.url}/`);
    expect(page.status).toBe(200);
    const token = String(scene.echo(page).headers['x-id-token']);
    expect(token.split('.')).toHaveLength(3);
    expect(JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()).sub).toBe('alice');
  });

  it('a renewed ID token may be encrypted, too', async () => {
    scene.provider.does.compact = sealing('RSA-OAEP', 'A256GCM');
    scene.provider.does.expiresIn = 2;
    await scene.signedIn();
    await sleep(2100);
    expect((await scene.agent.xhr(`${scene.site.url}/`)).status).toBe(200);
    expect(scene.provider.grants('refresh_token')).toHaveLength(1);
    const leaving = await scene.agent.get(`${scene.site.url}/logout`);
    const hint = new URL(String(leaving.headers.location)).searchParams.get('id_token_hint');
    expect(hint?.split('.')).toHaveLength(3);
  });

  it('an ID token that is not encrypted is refused where it must be, and so is a second layer', async () => {
    await isRefused('id_token_invalid');
    const seal = sealing('RSA-OAEP', 'A256GCM');
    scene.provider.does.compact = async (token) => seal(await seal(token));
    await isRefused('id_token_invalid');
    scene.provider.does.compact = (token) => seal(brokenSignature(token));
    await isRefused('id_token_signature');
    scene.provider.does.compact = (token) => seal(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    await isRefused('id_token_invalid');
  });

  it('what is not decrypted here is refused: other algorithms, compression, other keys', async () => {
    const { provider } = scene;
    for (const header of [{ alg: 'RSA1_5' }, { alg: 'PBES2-HS256+A128KW', p2s: 'AAAA', p2c: 1e9 }, { zip: 'DEF' }]) {
      provider.does.compact = (token) => forgedJwe(rsa, token, header);
      await isRefused('id_token_algorithm');
    }
    const stranger = await recipient('RSA-OAEP', 2);
    provider.does.compact = (token) => encryptedTo(stranger, token, 'RSA-OAEP', 'A256GCM', { kid: rsa.publicJwk.kid });
    await isRefused('decryption_failed');
    provider.does.compact = async (token) => {
      const parts = (await sealing('RSA-OAEP', 'A128CBC-HS256')(token)).split('.');
      return parts.with(4, Buffer.alloc(16).toString('base64url')).join('.');
    };
    await isRefused('decryption_failed');
  });

  if (nginx.target === 'A') {
    it('an algorithm that this engine lacks is refused, and the log says so', async () => {
      for (const alg of ['RSA-OAEP-256', 'ECDH-ES']) {
        scene.provider.does.compact = sealing(alg, 'A256GCM');
        await isRefused('decryption_failed');
        expect(scene.site.nginx.errorLog()).toContain(`${alg} and A256GCM`);
        expect(scene.site.nginx.errorLog()).toContain('njs 0.8 can do RSA-OAEP only');
      }
    });
  } else {
    it('two keys agree over another curve, too, and not over a point that is on none', async () => {
      scene.provider.does.compact = (token) => encryptedTo(larger, token, 'ECDH-ES', 'A256CBC-HS512', { apu: 'QQ' });
      await scene.signedIn();
      scene.provider.does.compact = async (token) => {
        const sealed = await sealing('ECDH-ES', 'A256GCM')(token);
        const header = JSON.parse(Buffer.from(sealed.split('.')[0] ?? '', 'base64url').toString());
        header.epk.y = header.epk.x;
        return sealed
          .split('.')
          .with(0, Buffer.from(JSON.stringify(header)).toString('base64url'))
          .join('.');
      };
      await isRefused('decryption_failed');
    });
  }

  it('UserInfo may be signed, encrypted, or both', async () => {
    const { does } = scene.provider;
    does.compact = sealing('RSA-OAEP', 'A256GCM');
    const seal = sealing('RSA-OAEP', 'A128CBC-HS256');
    for (const userinfo of [
      async (claims: Record<string, unknown>) => answer(await signedUserinfo(claims)),
      async (claims: Record<string, unknown>) => answer(await seal(await signedUserinfo(claims))),
      async (claims: Record<string, unknown>) => answer(await seal(JSON.stringify(claims))),
    ]) {
      does.idToken = ({ name: _, ...claims }) => claims;
      does.userinfo = (claims) => userinfo({ ...claims, name: 'From UserInfo' });
      const page = await scene.browser().navigate(`${scene.site.url}/`);
      expect(scene.echo(page).headers['x-name']).toBe('From UserInfo');
    }
  });

  it('signed UserInfo that does not hold is refused', async () => {
    const { does, issuer } = scene.provider;
    does.compact = sealing('RSA-OAEP', 'A256GCM');
    for (const [change, code] of [
      [async (claims: object) => signedUserinfo({ ...claims, sub: 'mallory' }), 'userinfo_invalid'],
      [async (claims: object) => signedUserinfo({ ...claims, iss: `${issuer}/other` }), 'userinfo_invalid'],
      [async (claims: object) => signedUserinfo({ ...claims, aud: 'other' }), 'userinfo_invalid'],
      [async (claims: object) => brokenSignature(await signedUserinfo({ ...claims })), 'userinfo_invalid'],
      [async (claims: object) => signedUserinfo({ ...claims }, 'none'), 'userinfo_invalid'],
    ] as const) {
      does.userinfo = async (claims) => answer(await change(claims));
      await isRefused(code);
    }
  });

  it('a logout token may be encrypted', async () => {
    const { provider, site } = scene;
    provider.does.compact = sealing('RSA-OAEP', 'A256GCM');
    await scene.signedIn();
    const claims = logoutClaims({ iss: provider.issuer, aud: testClient.id }, { sid: provider.issued.at(-1)?.sid });
    const send = (token: string) =>
      scene.browser().xhr(`${site.url}/back_channel_logout`, { method: 'POST', form: { logout_token: token } });
    expect((await send('a.b.c.d.e')).status).toBe(400);
    const stranger = await recipient('RSA-OAEP', 2);
    const token = await provider.logoutToken(claims);
    expect((await send(await encryptedTo(stranger, token, 'RSA-OAEP', 'A256GCM'))).status).toBe(400);
    expect((await scene.agent.xhr(`${site.url}/`)).status).toBe(200);
    expect((await send(await sealing('RSA-OAEP', 'A256GCM')(token))).status).toBe(200);
    expect((await scene.agent.xhr(`${site.url}/`)).status).toBe(401);
  });
});
