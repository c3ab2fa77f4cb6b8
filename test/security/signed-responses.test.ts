import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { encryptedTo, forgedJwe, recipient } from '../support/encrypted-token';
import { compactToken, resigned, signingKey, unsigned } from '../support/misbehaving-provider';
import { onEachTarget } from '../support/nginx';
import { callbackFor, cookieOf, useScene } from './site';

onEachTarget('signed responses (JARM)', (nginx) => {
  const scene = useScene(nginx, { changes: { alsoSet: { oidc_response_mode: 'jwt' } }, provider: { alg: 'PS256' } });
  const own = () => signingKey('PS256', 1);
  const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 });

  const forgeries: [string, (honest: string) => string | Promise<string>][] = [
    ['without a signature', unsigned],
    ['signed with the public key as a secret', async (jwt) => resigned(jwt, (await own()).publicPem, { alg: 'HS256' })],
    ['signed with the client secret', (jwt) => resigned(jwt, scene.provider.client.secret, { alg: 'HS256' })],
    ['signed by a stranger', (jwt) => resigned(jwt, stranger.privateKey)],
    [
      'signed by a stranger who brings the key along',
      (jwt) =>
        resigned(jwt, stranger.privateKey, { kid: undefined, jwk: stranger.publicKey.export({ format: 'jwk' }) }),
    ],
    ['of another issuer', async (jwt) => resigned(jwt, (await own()).privateKey, {}, { iss: 'https://evil.test' })],
    ['for another client', async (jwt) => resigned(jwt, (await own()).privateKey, {}, { aud: 'other-client' })],
    ['that has expired', async (jwt) => resigned(jwt, (await own()).privateKey, {}, { exp: 1_000_000_000 })],
    ['that says it is compressed', async (jwt) => resigned(jwt, (await own()).privateKey, { zip: 'DEF' })],
    ['that has critical extensions', async (jwt) => resigned(jwt, (await own()).privateKey, { crit: ['exp'] })],
  ];

  it.each(forgeries)(
    'a response %s is refused before any token request, and does not use up the login',
    async (_what, forge) => {
      const { agent, provider, site } = scene;
      site.nginx.expectLog(/ignoring stale global SSL error/);
      const callback = await callbackFor(scene);
      const honest = callback.searchParams.get('response') ?? '';
      expect(honest.split('.')).toHaveLength(3);
      callback.searchParams.set('response', await forge(honest));
      const answer = await agent.get(callback.href);
      expect([answer.status, answer.setCookies.filter((line) => /oidc_login_/.test(line))]).toEqual([403, []]);
      expect(site.nginx.errorLog()).toContain(' response_invalid ');
      expect(provider.requests('/token')).toHaveLength(0);
      callback.searchParams.set('response', honest);
      expect((await agent.get(callback.href)).status).toBe(302);
      expect(await cookieOf(agent, site.url, 'auth_token')).toMatch(/^[\w-]{43}$/);
    },
  );

  it('an ID token is no response, and a response no ID token', async () => {
    const { agent, provider } = scene;
    const callback = await callbackFor(scene);
    const { privateKey, kid } = await own();
    const claims = {
      iss: provider.issuer,
      aud: provider.client.id,
      exp: 9_999_999_999,
      iat: 1,
      sub: 'alice',
      nonce: 'N',
    };
    const honest = callback.searchParams.get('response') ?? '';
    callback.searchParams.set('response', compactToken({ alg: 'PS256', kid, typ: 'JWT' }, claims, privateKey));
    expect((await agent.get(callback.href)).status).toBe(400);
    expect(provider.requests('/token')).toHaveLength(0);
    provider.does.compact = () => honest;
    callback.searchParams.set('response', honest);
    expect((await agent.get(callback.href)).status).toBe(403);
    expect(await cookieOf(agent, scene.site.url, 'auth_token')).toBeUndefined();
  });

  it.each([
    ['plain', (honest: string) => `code=x&state=${stateIn(honest)}&iss=${encodeURIComponent(scene.provider.issuer)}`],
    ['doubled', (honest: string) => `response=${honest}&response=${honest}`],
    ['empty', () => 'response='],
    ['a plain error', (honest: string) => `error=access_denied&state=${stateIn(honest)}`],
  ])('a response that is %s is refused: nobody turns the signature off', async (_what, query) => {
    const callback = await callbackFor(scene);
    const honest = callback.searchParams.get('response') ?? '';
    const answer = await scene.agent.get(`${scene.site.url}/_codexch?${query(honest)}`);
    expect(answer.status).toBe(400);
    expect(scene.provider.requests('/token')).toHaveLength(0);
  });

  it('what stands beside a signed response does not count', async () => {
    const callback = await callbackFor(scene);
    for (const name of ['code', 'state', 'iss', 'error']) callback.searchParams.append(name, 'forged');
    expect((await scene.agent.get(callback.href)).status).toBe(302);
    expect(scene.provider.requests('/token')[0]?.form.get('code')).not.toBe('forged');
  });

  it('a response is good in the browser that asked, and once', async () => {
    const callback = await callbackFor(scene);
    const victim = scene.browser();
    await callbackFor(scene, victim);
    expect((await victim.get(callback.href)).status).toBe(400);
    expect((await scene.browser().get(callback.href)).status).toBe(400);
    expect(scene.provider.requests('/token')).toHaveLength(0);
    expect((await scene.agent.get(callback.href)).status).toBe(302);
    await scene.agent.jar.removeAllCookies();
    expect((await scene.agent.get(callback.href)).status).toBe(400);
    expect(scene.provider.requests('/token')).toHaveLength(1);
  });

  it('a response never stands in a log', async () => {
    const callback = await callbackFor(scene);
    const honest = callback.searchParams.get('response') ?? '';
    callback.searchParams.set('response', unsigned(honest));
    await scene.agent.get(callback.href);
    const [, payload = ''] = honest.split('.');
    expect(scene.site.nginx.errorLog().replace(/, request: .*/g, '')).not.toContain(payload.slice(0, 40));
  });
});

const rsa = await recipient('RSA-OAEP');
const folder = mkdtempSync(join(tmpdir(), 'responses-'));
const decryption = join(folder, 'decryption.json');
writeFileSync(decryption, JSON.stringify(rsa.privateJwk));
afterAll(() => rmSync(folder, { recursive: true }));

onEachTarget('encrypted responses (JARM)', (nginx) => {
  const scene = useScene(nginx, {
    changes: {
      alsoSet: {
        oidc_response_mode: 'jwt',
        oidc_decryption_keyfile: decryption,
        oidc_require_encryption: 'response',
      },
    },
  });
  const encrypted = (jwt: string, header = {}) => encryptedTo(rsa, jwt, 'RSA-OAEP', 'A256GCM', header);

  it('show neither code nor state to the browser', async () => {
    scene.provider.does.responseJwt = encrypted;
    const callback = await callbackFor(scene);
    expect(callback.searchParams.get('response')?.split('.')).toHaveLength(5);
    expect((await scene.agent.get(callback.href)).status).toBe(302);
    expect(await cookieOf(scene.agent, scene.site.url, 'auth_token')).toMatch(/^[\w-]{43}$/);
  });

  const forgeries: [string, (jwt: string) => string | Promise<string>][] = [
    ['that is signed only', (jwt) => jwt],
    ['with an unsigned one inside, by anybody who knows the public key', (jwt) => encrypted(unsigned(jwt))],
    ['with the claims alone inside', (jwt) => encrypted(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString())],
    ['that is encrypted twice', async (jwt) => encrypted(await encrypted(jwt))],
    ['that is compressed', (jwt) => forgedJwe(rsa, jwt, { zip: 'DEF' })],
    ['by a password', (jwt) => forgedJwe(rsa, jwt, { alg: 'PBES2-HS256+A128KW', p2c: 1_000_000_000, p2s: 'AAAA' })],
    ['that was changed', async (jwt) => (await encrypted(jwt)).replace(/.\.([^.]*)$/, 'A.$1')],
  ];
  it.each(forgeries)('one %s is refused before any token request', async (_what, forge) => {
    scene.provider.does.responseJwt = forge;
    const callback = await callbackFor(scene);
    expect((await scene.agent.get(callback.href)).status).toBe(403);
    expect(scene.site.nginx.errorLog()).toContain(' response_invalid ');
    expect(scene.provider.requests('/token')).toHaveLength(0);
  });
});

function stateIn(jwt: string): string {
  return JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString()).state;
}

onEachTarget('posted responses (form_post)', (nginx) => {
  const scene = useScene(nginx, { changes: { alsoSet: { oidc_response_mode: 'form_post' } } });

  /** Begins a sign-in and goes to the provider; the form that its page would post. */
  async function formFor(agent = scene.agent): Promise<Record<string, string>> {
    const start = await agent.get(`${scene.site.url}/`);
    const page = await agent.get(String(start.headers.location));
    const inputs = [...page.text.matchAll(/name="(\w+)" value="([^"]*)"/g)];
    return Object.fromEntries(inputs.map(([, name, value]) => [name, value]));
  }
  const post = (form: Record<string, string>, agent = scene.agent) =>
    agent.post(`${scene.site.url}/_codexch`, form, { from: scene.provider.issuer });

  it('no cookie is weakened for them', async () => {
    const start = await scene.agent.get(`${scene.site.url}/`);
    expect(start.setCookies.join()).toMatch(/oidc_login_.*SameSite=Lax/);
    const page = await scene.agent.navigate(`${scene.site.url}/`);
    expect(page.status).toBe(200);
    expect(page.trail.flatMap(({ setCookies }) => setCookies).join()).not.toMatch(/SameSite=None/i);
  });

  it('the browser carries them on sealed: no address shows a code or a state', async () => {
    const form = await formFor();
    const answer = await post(form);
    expect([answer.status, answer.setCookies]).toEqual([302, []]);
    const target = String(answer.headers.location);
    expect(target).toMatch(/^(?:http:\/\/127\.0\.0\.1:\d+)?\/_codexch\?posted=[\w-]+$/);
    expect(target).not.toContain(form.code ?? '?');
    expect((await scene.agent.navigate(new URL(target, scene.site.url).href)).status).toBe(200);
  });

  it('one that somebody else made the browser post signs nobody in', async () => {
    const attacker = scene.browser();
    const planted = await formFor(attacker);
    await formFor(); // the victim has a login of its own open
    const answer = await post(planted);
    const end = await scene.agent.get(new URL(String(answer.headers.location), scene.site.url).href);
    expect(end.status).toBe(400);
    expect(await cookieOf(scene.agent, scene.site.url, 'auth_token')).toBeUndefined();
    expect(scene.provider.requests('/token')).toHaveLength(0);
  });

  it('a sealed one that was changed, or sealed elsewhere, is none', async () => {
    const { headers } = await post(await formFor());
    const sealed = String(headers.location).split('posted=')[1] ?? '';
    const half = sealed.length >> 1;
    const changed = `${sealed.slice(0, half)}${sealed[half] === 'A' ? 'B' : 'A'}${sealed.slice(half + 1)}`;
    for (const text of [changed, sealed.slice(1), '', 'x', `${sealed}&posted=${sealed}`]) {
      expect((await scene.agent.get(`${scene.site.url}/_codexch?posted=${text}`)).status).toBe(400);
    }
    expect(scene.provider.requests('/token')).toHaveLength(0);
  });

  it('one that is too large or broken is a 4xx, and the worker lives', async () => {
    scene.site.nginx.expectLog(/too large body/);
    expect((await post({ code: 'C'.repeat(6000), state: 'S' })).status).toBe(400);
    expect((await post({ code: 'C'.repeat(20_000) })).status).toBe(413);
    const bodies = ['code=a&code=b&state=x', 'state=%', '\0', 'code=%C0%AF&state=S', ''];
    for (const body of bodies) {
      const answer = await scene.agent.get(`${scene.site.url}/_codexch`, { method: 'POST', body });
      const location = new URL(String(answer.headers.location), scene.site.url).href;
      expect((await scene.agent.get(location)).status).toBe(400);
    }
    expect((await scene.agent.navigate(`${scene.site.url}/`)).status).toBe(200);
  });

  it('the session that the browser had before is replaced, although the form came without its cookie', async () => {
    const { agent, site } = scene;
    const forms = [await formFor(), await formFor()]; // two tabs
    const secrets: string[] = [];
    for (const form of forms) {
      const { headers } = await post(form);
      expect((await agent.navigate(new URL(String(headers.location), site.url).href)).status).toBe(200);
      secrets.push((await cookieOf(agent, site.url, 'auth_token')) ?? '');
    }
    expect(secrets[0]).not.toBe(secrets[1]);
  });
});

onEachTarget('a site that asked for no form', (nginx) => {
  const scene = useScene(nginx);
  it.each(['POST', 'PUT', 'HEAD'])('refuses a callback by %s', async (method) => {
    const callback = await callbackFor(scene);
    const answer = await scene.agent.get(callback.href, { method });
    expect(answer.status).toBe(400);
    expect(scene.provider.requests('/token')).toHaveLength(0);
  });

  it('knows no sealed response', async () => {
    const callback = await callbackFor(scene);
    expect((await scene.agent.get(`${callback.href}&posted=x`)).status).toBe(302);
  });
});
