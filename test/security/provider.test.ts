import { expect, it } from 'vitest';
import { oidcError } from '../../src/protocol/errors';
import { refetchedDocument } from '../../src/provider/published-document';
import type { createContext } from '../../src/visit/context';
import { type Canned, signingKey } from '../support/misbehaving-provider';
import { onEachTarget } from '../support/nginx';
import { callbackFor, cookieOf, useScene } from './site';

onEachTarget('provider', (nginx) => {
  const scene = useScene(nginx, {
    http: 'client_max_body_size 10m;',
    changes: { alsoSet: { oidc_provider_timeout: '3', oidc_userinfo: '1' } },
  });

  it('U6 a client with a secret sends it together with PKCE', async () => {
    await scene.signedIn();
    const [request] = scene.provider.requests('/token');
    const { id, secret } = scene.provider.client;
    expect(request?.headers.authorization).toBe(`Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`);
    expect(request?.form.get('code_verifier')).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(request?.form.has('client_secret')).toBe(false);
  });

  it('U13 a code adds no parameter to the token request, and arrives as it was', async () => {
    const codes = [
      'x&grant_type=refresh_token',
      'x&redirect_uri=https://evil.test',
      'a=b+c %41%zz',
      'ü€😀',
      '"\\\u0000\n',
    ];
    scene.site.nginx.expectLog(/token_request_failed .*invalid_grant/);
    for (const code of codes) {
      const browser = scene.browser();
      const callback = await callbackFor(scene, browser);
      callback.searchParams.set('code', code);
      expect((await browser.get(callback.href)).status).toBe(502);
      const form = scene.provider.requests('/token').at(-1)?.form;
      expect([...(form?.keys() ?? [])].sort()).toEqual(['code', 'code_verifier', 'grant_type', 'redirect_uri']);
      expect([form?.get('code'), form?.get('grant_type')]).toEqual([code, 'authorization_code']);
      expect(form?.get('redirect_uri')).toBe(`${scene.site.url}/_codexch`);
    }
  });

  it('U20 the first login after the keys changed works, and a flood of unknown kids fetches them three times at most', async () => {
    const { provider } = scene;
    await scene.signedIn(scene.browser());
    await signingKey('RS256', 2); // made beforehand, because that takes a while
    provider.rotateKeys();
    const before = provider.requests('/jwks').length;
    await scene.signedIn(scene.browser());
    expect(provider.requests('/jwks')).toHaveLength(before + 1);
    provider.does.header = (header) => ({ ...header, kid: `unknown-${Math.random()}` });
    const flood = Array.from({ length: 30 }, () => scene.browser().navigate(`${scene.site.url}/`));
    expect(new Set((await Promise.all(flood)).map(({ status }) => status))).toEqual(new Set([403]));
    expect(provider.requests('/jwks')).toHaveLength(before + 3); // the interval is 30 s
    provider.does.header = (header) => header;
    await scene.signedIn(scene.browser());
  });

  it('U21 a body of 5 MB is no 413 of the calls to the provider, with a session or without', async () => {
    const { agent, application, provider, site } = scene;
    const body = Buffer.alloc(5_000_000, 'x');
    for (const method of ['POST', 'PUT']) {
      expect((await scene.browser().xhr(`${site.url}/up`, { method, body })).status).toBe(401);
    }
    expect(application.requests).toHaveLength(0);
    provider.does.expiresIn = 2;
    await scene.signedIn();
    await new Promise((resolve) => setTimeout(resolve, 2100));
    const answer = await agent.xhr(`${site.url}/up`, { method: 'POST', body });
    expect([answer.status, scene.echo(answer).bodyBytes]).toEqual([200, 5_000_000]);
    expect(provider.grants('refresh_token')).toHaveLength(1);
  });

  it('U25 A17 text of the provider is escaped on the page and stays in one line of printable text in the log', async () => {
    const { provider, site } = scene;
    const evil = '<script>alert(1)</script>"\'>\r\n2026/01/01 00:00:00 [alert] forged\u001b[31m\u0000\u202e\u2028&amp;';
    const logged = site.nginx.errorLog().length;
    provider.does.authorization = (parameters) => {
      const state = parameters.get('state') ?? '';
      return new URLSearchParams({
        error: `a${evil}`,
        error_description: evil,
        error_uri: evil,
        state,
        iss: provider.issuer,
      });
    };
    const page = await scene.browser().navigate(`${site.url}/"><script>alert(2)</script>`);
    expect([page.status, page.headers['content-security-policy']]).toEqual([
      403,
      expect.stringContaining("default-src 'none'"),
    ]);
    expect(page.text).not.toMatch(/<script|\u001b|\u0000|\u202e|\u2028|"'>/);
    expect(page.text).toContain('&lt;script&gt;alert(1)');
    provider.reset();
    site.nginx.expectLog(/token_request_failed/);
    provider.respond('/token', { status: 400, body: JSON.stringify({ error: `b${evil}`, error_description: evil }) });
    expect((await scene.browser().navigate(`${site.url}/`)).text).not.toMatch(/<script|\u001b|\u202e/);
    provider.reset();
    for (const change of [{ iss: evil }, { aud: evil }, { azp: evil }]) {
      provider.does.idToken = (claims) => ({ ...claims, ...change });
      expect((await scene.browser().navigate(`${site.url}/`)).text).not.toMatch(/<script|\u001b|\u202e/);
    }
    const log = site.nginx.errorLog().slice(logged);
    expect(log.match(/js: oidc: /g)?.length).toBe(5);
    expect(log).not.toMatch(/^2026\/01\/01/m);
    expect(log).not.toMatch(/[^\n\x20-\x7e]/);
  });

  it('U26 every error page has the status of its cause, is never stored and never framed', async () => {
    const { provider, site } = scene;
    const slow: Canned = { body: '{}', delayMs: 9000 };
    const causes: [number, () => void, string?][] = [
      [400, () => {}, '/_codexch?state=x'],
      [502, () => provider.respond('/token', { status: 503 })],
      [502, () => provider.respond('/token', { body: '<html>' })],
      [504, () => provider.respond('/token', slow)],
      [403, () => Object.assign(provider.does, { idToken: (claims: object) => ({ ...claims, aud: 'other' }) })],
      [502, () => provider.respond('/userinfo', { status: 500 })],
      [403, () => Object.assign(provider.does, { userinfo: () => ({ sub: 'mallory' }) })],
    ];
    site.nginx.expectLog(/oidc: |upstream/);
    for (const [status, arrange, path = '/'] of causes) {
      provider.reset();
      arrange();
      const page = await scene.browser().navigate(site.url + path);
      expect([path, page.status, page.headers['cache-control']]).toEqual([path, status, 'no-store']);
      expect(page.headers['content-security-policy']).toContain("frame-ancestors 'none'");
      expect(page.text).toMatch(/Reference: [0-9a-f]{12}/);
    }
    const script = await scene.browser().xhr(`${site.url}/`);
    expect([script.status, script.headers['cache-control']]).toEqual([401, 'no-store']);
  });

  it('U27 A26 gzip, chunks, HTML, nothing, an error in a 200, 2 MB and a bomb at the token endpoint: a clean error each', async () => {
    const { provider, site } = scene;
    const workers = site.nginx.workers();
    const answers: [string, Canned, number][] = [
      ['gzip', { gzip: true }, 502],
      ['a bomb', { body: `{"x":"${'0'.repeat(50_000_000)}"}`, gzip: true }, 502],
      ['chunks', { chunked: true }, 200],
      ['HTML', { html: true }, 502],
      ['nothing', { empty: true }, 502],
      ['an error in a 200', { body: '{"error":"server_error"}' }, 502],
      ['2 MB', { sizeBytes: 2_000_000 }, 200],
      ['no HTTP', { raw: 'garbage\r\n\r\n' }, 502],
      ['cut off', { cutOffAfter: 50 }, 502],
      ['reset', { resetConnection: true }, 502],
    ];
    site.nginx.expectLog(/oidc: |upstream|too big|recv\(\) failed/);
    for (const [what, answer, status] of answers) {
      provider.respond('/token', answer);
      const browser = scene.browser();
      expect([what, (await browser.navigate(`${site.url}/`)).status]).toEqual([what, status]);
      const session = await cookieOf(browser, site.url, 'auth_token');
      expect([what, session !== undefined]).toEqual([what, status === 200]);
    }
    provider.respond('/token', undefined);
    await scene.signedIn();
    expect(site.nginx.workers()).toEqual(workers);
  });
});

const odd = { id: 'cl&i=e+n%t /ü:?', secret: 's&e=c+r%e t:/ü"\\' };

onEachTarget('a client with odd characters', (nginx) => {
  const scene = useScene(nginx, {
    provider: { client: odd, does: { clientAuthentication: ['client_secret_basic'] } },
    changes: { set: { oidc_client: odd.id, oidc_client_secret: odd.secret } },
  });

  it('U13 U14 id, secret and refresh token with odd characters arrive intact, form-encoded in HTTP Basic', async () => {
    const { provider, site } = scene;
    const refreshToken = 'r&e=f+r%e s&grant_type=password"';
    provider.does.tokens = (body) => ({ ...body, refresh_token: refreshToken, expires_in: 2 });
    await scene.signedIn();
    expect(provider.requests('/authorize')[0]?.query.get('client_id')).toBe(odd.id);
    const encode = (text: string) => new URLSearchParams({ x: text }).toString().slice(2);
    const basic = provider.requests('/token')[0]?.headers.authorization?.replace(/^Basic /, '') ?? '';
    const decoded = Buffer.from(basic, 'base64').toString();
    expect(decoded).toMatch(/^[\x21-\x39\x3b-\x7e]+:[\x21-\x7e]+$/);
    expect(decoded.replaceAll('%20', '+')).toBe(`${encode(odd.id)}:${encode(odd.secret)}`);
    await new Promise((resolve) => setTimeout(resolve, 2100));
    await scene.agent.xhr(`${site.url}/`);
    const [renewal] = provider.grants('refresh_token');
    expect(renewal?.form.get('refresh_token')).toBe(refreshToken);
    expect([...(renewal?.form.keys() ?? [])].sort()).toEqual(['grant_type', 'refresh_token']);
  });
});

it('A32 when the store cannot tell whether keys were fetched a moment ago, they are not fetched', async () => {
  let calls = 0;
  const context = {
    cache: {
      add: () => {
        throw oidcError('store_failed', 'full');
      },
    },
    config: { provider_timeout: 1 },
    r: { subrequest: () => calls++ },
  } as unknown as ReturnType<typeof createContext>;
  const wanted = {
    name: 'keys',
    location: '/_jwks_uri' as const,
    url: 'https://idp.example.com/jwks',
    parse: () => [],
  };
  await expect(refetchedDocument(context, wanted, [])).rejects.toMatchObject({ code: 'store_failed' });
  expect(calls).toBe(0);
});
