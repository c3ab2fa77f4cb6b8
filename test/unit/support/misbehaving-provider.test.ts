import { createHash, randomBytes } from 'node:crypto';
import { createRemoteJWKSet, customFetch, jwtVerify } from 'jose';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Agent, createAgent } from '../../support/agent';
import {
  brokenSignature,
  type Canned,
  type MisbehavingProvider,
  Reply,
  resigned,
  signingKey,
  startMisbehavingProvider,
  tokenParts,
  unsigned,
} from '../../support/misbehaving-provider';

type Tokens = { id_token: string; access_token: string; refresh_token: string };

const redirectUri = 'http://127.0.0.1:1/callback?tenant=a';
const algorithms = ['RS', 'PS', 'ES', 'HS'].flatMap((family) => [256, 384, 512].map((bits) => `${family}${bits}`));

let provider: MisbehavingProvider;
let agent: Agent;

beforeAll(async () => {
  provider = await startMisbehavingProvider();
});
afterAll(() => provider.stop());
beforeEach(() => {
  provider.reset();
  agent = createAgent();
});
afterEach(() => agent.close());

const basic = () => {
  const { id, secret } = provider.client;
  return `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString('base64')}`;
};

const tokenRequest = (form: Record<string, string>, headers: Record<string, string> = { authorization: basic() }) =>
  agent.post(`${provider.issuer}/token`, form, { headers });

async function authorize(more: Record<string, string> = {}) {
  const verifier = randomBytes(32).toString('base64url');
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: provider.client.id,
    redirect_uri: redirectUri,
    state: 's',
    nonce: 'n',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...more,
  });
  const answer = await agent.get(`${provider.issuer}/authorize?${query}`);
  const back = new URL(String(answer.headers.location ?? 'http://none/')).searchParams;
  return { back, verifier, answer };
}

async function exchange(headers?: Record<string, string>, more: Record<string, string> = {}) {
  const { back, verifier } = await authorize();
  const form = {
    grant_type: 'authorization_code',
    code: back.get('code') ?? '',
    redirect_uri: redirectUri,
    code_verifier: verifier,
  };
  return tokenRequest({ ...form, ...more }, headers);
}

const refresh = (refresh_token: string) => tokenRequest({ grant_type: 'refresh_token', refresh_token });

function verify(token: string, alg: string) {
  if (alg.startsWith('HS')) return jwtVerify(token, Buffer.from(provider.client.secret), { algorithms: [alg] });
  const fetchText = async (url: string) => new Response((await agent.get(url)).text);
  const keys = createRemoteJWKSet(new URL(`${provider.issuer}/jwks`), { [customFetch]: fetchText });
  return jwtVerify(token, keys, { algorithms: [alg], issuer: provider.issuer, audience: provider.client.id });
}

describe('a provider that behaves', () => {
  it.each(algorithms)('signs ID tokens with %s that jose verifies with the published keys', async (alg) => {
    provider.does.alg = alg;
    const tokens = (await exchange()).json<Tokens>();
    const { payload } = await verify(tokens.id_token, alg);
    expect(payload).toMatchObject({ sub: 'alice', nonce: 'n', sid: provider.issued[0]?.sid });
    await expect(verify(brokenSignature(tokens.id_token), alg)).rejects.toThrow('signature verification failed');
  });

  it('answers at the redirect URI with code, state and iss, and keeps the query that is there', async () => {
    const { back } = await authorize();
    expect([...back.keys()]).toEqual(['tenant', 'code', 'state', 'iss']);
    expect(back.get('iss')).toBe(provider.issuer);
  });

  it('refuses a wrong code, verifier, redirect URI, secret, and a code for the second time', async () => {
    expect((await exchange(undefined, { code: 'x' })).json()).toEqual({ error: 'invalid_grant' });
    expect((await exchange(undefined, { code_verifier: 'x' })).status).toBe(400);
    expect((await exchange(undefined, { redirect_uri: 'http://127.0.0.1/' })).status).toBe(400);
    expect((await exchange({ authorization: 'Basic eDp5' })).status).toBe(401);
    const { back, verifier } = await authorize();
    const code = back.get('code') ?? '';
    const form = { grant_type: 'authorization_code', code, redirect_uri: redirectUri, code_verifier: verifier };
    const first = await tokenRequest(form);
    expect(first.status).toBe(200);
    expect((await tokenRequest(form)).status).toBe(400);
    expect((await refresh(first.json<Tokens>().refresh_token)).status).toBe(400);
  });

  it('knows the client by client_secret_post, and without a secret only where that is allowed', async () => {
    const { id, secret } = provider.client;
    expect((await exchange({}, { client_id: id, client_secret: secret })).status).toBe(200);
    expect((await exchange({}, { client_id: id, client_secret: 'wrong' })).status).toBe(401);
    expect((await exchange({}, { client_id: id })).status).toBe(401);
    provider.does.clientAuthentication = ['none'];
    expect((await exchange({}, { client_id: id })).status).toBe(200);
    expect((await exchange()).status).toBe(401);
  });

  it('rotates refresh tokens and revokes the family when one is used twice', async () => {
    const first = (await exchange()).json<Tokens>();
    const second = (await refresh(first.refresh_token)).json<Tokens>();
    expect(second.refresh_token).not.toBe(first.refresh_token);
    expect((await refresh(first.refresh_token)).json()).toEqual({ error: 'invalid_grant' });
    expect((await refresh(second.refresh_token)).status).toBe(400);
    expect(provider.grants('refresh_token')).toHaveLength(3);
  });

  it('keeps the family, or the one refresh token, when told so', async () => {
    provider.does.revokeFamilyOnReuse = false;
    const first = (await exchange()).json<Tokens>();
    const second = (await refresh(first.refresh_token)).json<Tokens>();
    expect((await refresh(first.refresh_token)).status).toBe(400);
    provider.does.rotate = false;
    for (let i = 0; i < 2; i++) {
      expect((await refresh(second.refresh_token)).json<Tokens>().refresh_token).toBeUndefined();
    }
  });

  it('answers UserInfo for its access tokens only, until they are revoked', async () => {
    const { access_token, refresh_token } = (await exchange()).json<Tokens>();
    const userinfo = (token: string) =>
      agent.get(`${provider.issuer}/userinfo`, { headers: { authorization: `Bearer ${token}` } });
    expect((await userinfo(access_token)).json()).toMatchObject({ sub: 'alice' });
    expect((await userinfo('other')).status).toBe(401);
    const headers = { authorization: basic() };
    expect((await agent.post(`${provider.issuer}/revoke`, { token: refresh_token }, { headers })).status).toBe(200);
    expect((await userinfo(access_token)).status).toBe(401);
  });

  it('takes a logout back with its state', async () => {
    const query = new URLSearchParams({ post_logout_redirect_uri: 'http://127.0.0.1:1/out', state: 'x' });
    const answer = await agent.get(`${provider.issuer}/logout?${query}`);
    expect(answer.headers.location).toBe('http://127.0.0.1:1/out?state=x');
  });

  it('names everything that must stay secret', async () => {
    const { back } = await authorize();
    const tokens = (await exchange()).json<Tokens>();
    const secret = [provider.client.secret, back.get('code'), ...[tokens.id_token, tokens.access_token]];
    expect(provider.secrets()).toEqual(expect.arrayContaining([...secret, tokens.refresh_token]));
  });
});

describe('a provider that misbehaves', () => {
  const idToken = async () => tokenParts((await exchange()).json<Tokens>().id_token);

  it('changes and removes claims and header members', async () => {
    provider.does.idToken = ({ nonce, ...claims }) => ({ ...claims, aud: ['a', 'b'] });
    provider.does.header = ({ kid, ...header }) => ({ ...header, crit: ['x'], x: 1 });
    const { header, claims } = await idToken();
    expect(header).toEqual({ alg: 'RS256', typ: 'JWT', crit: ['x'], x: 1 });
    expect(claims).toMatchObject({ aud: ['a', 'b'] });
    expect(claims).not.toHaveProperty('nonce');
  });

  it('forges tokens: unsigned, signed by another key or with the public key as the secret', async () => {
    provider.does.compact = unsigned;
    expect(await idToken()).toMatchObject({ header: { alg: 'none' }, signature: '' });
    const foreign = await signingKey('RS256', 99);
    provider.does.compact = (token) => resigned(token, foreign.privateKey, { jwk: foreign.publicJwk, kid: undefined });
    const { id_token } = (await exchange()).json<Tokens>();
    await expect(verify(id_token, 'RS256')).rejects.toThrow('signature verification failed');
    await expect(jwtVerify(id_token, foreign.publicJwk)).resolves.toBeDefined();
    const { publicPem } = await signingKey('RS256', 1);
    provider.does.compact = (token) => resigned(token, publicPem, { alg: 'HS256' });
    const confused = (await exchange()).json<Tokens>().id_token;
    expect((await jwtVerify(confused, Buffer.from(publicPem))).protectedHeader.alg).toBe('HS256');
  });

  it('rotates its keys, also between the exchange and the signature, and stays so after a reset', async () => {
    provider.does.idToken = (claims) => {
      provider.rotateKeys();
      return claims;
    };
    const before = (await agent.get(`${provider.issuer}/jwks`)).json<{ keys: { kid: string }[] }>();
    const { id_token } = (await exchange()).json<Tokens>();
    expect(before.keys.map((key) => key.kid)).not.toContain(tokenParts(id_token).header.kid);
    await expect(verify(id_token, 'RS256')).resolves.toBeDefined();
    provider.reset();
    await expect(verify(id_token, 'RS256')).resolves.toBeDefined();
    provider.rotateKeys({ keepOld: true });
    await expect(verify(id_token, 'RS256')).resolves.toBeDefined();
  });

  it('answers with other documents, also with other status and headers, and says when a hook fails', async () => {
    provider.does.metadata = (document) => ({ ...document, issuer: 'https://evil.test' });
    const metadata = await agent.get(`${provider.issuer}/.well-known/openid-configuration`);
    expect(metadata.json()).toMatchObject({ issuer: 'https://evil.test', jwks_uri: `${provider.issuer}/jwks` });
    provider.does.tokens = (body) => new Reply(201, `{"x":${JSON.stringify(body)}`, { 'content-type': 'text/plain' });
    expect(await exchange()).toMatchObject({ status: 201, headers: { 'content-type': 'text/plain' } });
    provider.does.tokens = () => {
      throw new Error('in the test');
    };
    expect((await exchange()).status).toBe(500);
    expect(provider.failures).toMatchObject([{ message: 'in the test' }]);
  });

  it('changes the authorization response: other, doubled and missing parameters', async () => {
    provider.does.authorization = (parameters) => {
      parameters.append('state', 'again');
      parameters.delete('iss');
      return parameters;
    };
    const { back } = await authorize();
    expect(back.getAll('state')).toEqual(['s', 'again']);
    expect(back.has('iss')).toBe(false);
  });

  it.each<[string, Canned, number | string, RegExp]>([
    ['a status', { status: 503, body: 'x' }, 503, /^x$/],
    ['HTML', { html: true }, 200, /^<!doctype html>/],
    ['nothing', { empty: true }, 200, /^$/],
    ['100 KB of the proper answer', { sizeBytes: 100_000 }, 200, /^\{"keys":[\s\S]{99000}/],
    ['chunks', { chunked: true }, 200, /^\{"keys"/],
    ['drops', { drip: { bytes: 50, everyMs: 1 } }, 200, /^\{"keys".*\}$/],
    ['gzip', { gzip: true, headers: { 'content-type': 'text/x' } }, 200, /^\x1f/],
    ['a cut body', { cutOffAfter: 10 }, 'dropped', /^/],
    ['a cut body of unknown length', { cutOffAfter: 10, chunked: true }, 'dropped', /^/],
    ['no answer', { reset: true }, 'dropped', /^/],
    ['a TCP reset', { resetConnection: true }, 'dropped', /^/],
    ['something that is not HTTP', { raw: 'SSH-2.0-x\r\n' }, 'malformed', /^/],
    ['silence', { delayMs: Number.POSITIVE_INFINITY }, 'timeout', /^/],
  ])('answers with %s', async (_name, canned, expected, text) => {
    provider.respond('/jwks', canned);
    const answer = agent.get(`${provider.issuer}/jwks`, { timeoutMs: 300 });
    if (typeof expected === 'string') await expect(answer).rejects.toMatchObject({ kind: expected });
    else expect(await answer).toMatchObject({ status: expected, text: expect.stringMatching(text) });
    provider.reset();
    expect((await agent.get(`${provider.issuer}/jwks`)).status).toBe(200);
    expect(provider.failures).toEqual([]);
  });

  it('answers wrongly so many times, or to some requests only', async () => {
    provider.respond('/jwks', { status: 500, times: 2 });
    const statuses = [];
    for (let i = 0; i < 3; i++) statuses.push((await agent.get(`${provider.issuer}/jwks`)).status);
    expect(statuses).toEqual([500, 500, 200]);
    provider.respond('/token', ({ form }) =>
      form.get('grant_type') === 'refresh_token' ? { status: 503 } : undefined,
    );
    expect((await exchange()).status).toBe(200);
    expect((await refresh('x')).status).toBe(503);
  });
});

describe('the life of a provider', () => {
  it('goes down, even with a request under way, and comes back on the same port', async () => {
    provider.does.delays['/jwks'] = 60_000;
    const waiting = agent.get(`${provider.issuer}/jwks`).catch((error) => error.kind);
    while (provider.requests('/jwks').length === 0) await new Promise(setImmediate);
    await provider.down();
    expect(await waiting).toBe('dropped');
    await expect(agent.get(`${provider.issuer}/jwks`)).rejects.toMatchObject({ kind: 'refused' });
    await provider.up();
    provider.reset();
    expect((await agent.get(`${provider.issuer}/jwks`)).status).toBe(200);
  });

  it('starts and stops a hundred times and leaves nothing open', async () => {
    await agent.close();
    const open = () => process.getActiveResourcesInfo().filter((name) => /TCP|Timeout/.test(name)).length;
    const before = open();
    for (let i = 0; i < 100; i++) {
      const [one, browser] = [await startMisbehavingProvider(), createAgent()];
      expect((await browser.get(`${one.issuer}/jwks`)).status).toBe(200);
      await one.stop();
      await browser.close();
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(open()).toBeLessThanOrEqual(before + 2);
  });
});
