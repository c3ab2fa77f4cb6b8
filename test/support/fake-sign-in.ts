import flow from '../../src/flow';
import { fakeZones, siteVariables } from './fake-ngx';
import { type FakeAnswer, type FakeRequest, fakeRequest } from './fake-request';
import { leftHalf, signerOf } from './signed-token';

const issuer = 'https://idp.test';

/** A provider and a browser without a network, for the handlers in Node. Tests change what the provider says. */
export function fakeSignIn(site: Record<string, string> = {}) {
  const zones = fakeZones();
  const cookies = new Map<string, string>();
  const provider = {
    metadata: {
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      jwks_uri: `${issuer}/jwks`,
      userinfo_endpoint: `${issuer}/userinfo`,
      end_session_endpoint: `${issuer}/logout`,
    } as Record<string, unknown>,
    nonce: '',
    claims: {} as Record<string, unknown>,
    tokens: {} as Record<string, unknown>,
    tokenStatus: 200,
    userinfo: { sub: 'alice' } as Record<string, unknown>,
    forms: [] as URLSearchParams[],
  };

  async function tokens(): Promise<FakeAnswer> {
    const now = Math.floor(Date.now() / 1000);
    const at_hash = leftHalf('access', 'ES256');
    const claims = {
      iss: issuer,
      sub: 'alice',
      aud: 'client',
      exp: now + 300,
      iat: now,
      at_hash,
      nonce: provider.nonce,
    };
    const idToken = await (await signerOf('ES256')).sign({ ...claims, ...provider.claims });
    const body = { access_token: 'access', token_type: 'Bearer', refresh_token: 'refresh', id_token: idToken };
    return { status: provider.tokenStatus, text: JSON.stringify({ ...body, ...provider.tokens }) };
  }

  async function answer(url: string): Promise<FakeAnswer> {
    if (url.endsWith('/jwks')) return { text: JSON.stringify({ keys: [(await signerOf('ES256')).jwk] }) };
    if (url.endsWith('/userinfo')) return { text: JSON.stringify(provider.userinfo) };
    return url.endsWith('/token') ? tokens() : { text: JSON.stringify(provider.metadata) };
  }

  /** One request with the browser's cookies, whose jar takes what the answer sets. */
  async function ask(
    handler: (r: NginxHTTPRequest) => unknown,
    variables: Record<string, string> = {},
  ): Promise<FakeRequest> {
    const http_cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const known = { ...siteVariables, jwt_claim_sub: '', http_cookie, ...site, ...variables };
    const r = fakeRequest(known, answer, (location, apart) => location === '/_renew' && flow.renew(apart));
    await handler(r);
    for (const { options } of r.subrequests) {
      const { body } = options as { body?: string };
      if (body !== undefined) provider.forms.push(new URLSearchParams(body));
    }
    for (const line of (r.headersOut['Set-Cookie'] ?? []) as string[]) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (line.includes('Max-Age=0')) cookies.delete(name);
      else cookies.set(name, value);
    }
    return r;
  }

  return {
    zones,
    cookies,
    provider,
    ask,
    /** Opens a page; the query of the authorization request. */
    async begin(path = '/reports?x=1') {
      const r = await ask(flow.auth, { request_uri: path });
      const query = new URL(r.body).searchParams;
      provider.nonce = query.get('nonce') ?? '';
      return { r, query, state: query.get('state') ?? '' };
    },
    /** Comes back from the provider. */
    comeBack: (args: string) => ask(flow.codeExchange, { args }),
    logout: (variables: Record<string, string> = {}) => ask(flow.logout, variables),
  };
}
