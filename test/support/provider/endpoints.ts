import { type Behaviour, type Endpoint, type GrantType, metadataOf } from './behaviour';
import { type Client, isAuthenticated } from './client';
import { proofOf } from './dpop';
import type { Grant, Grants } from './grants';
import { signingKey } from './keys';
import type { Recorded } from './recorded';
import { keepPushed, opened, resolved } from './requests';
import { compactToken, isAsymmetric, isSymmetric, type Json, leftHalf } from './sign';
import { Reply } from './transport';

/** What the endpoints work with. */
export interface ProviderState {
  issuer: string;
  client: Client;
  does: Behaviour;
  grants: Grants;
  /** token responses, before the `tokens` hook */
  issued: Issued[];
}

export interface Issued {
  grant: GrantType;
  sid: string;
  accessToken: string;
  refreshToken?: string;
  idToken?: string;
}

type Handler = (state: ProviderState, request: Recorded) => Reply | Promise<Reply>;

export const endpoints: Record<Endpoint, Handler> = {
  '/metadata': async ({ issuer, does }) => reply(await does.metadata(metadataOf(issuer, does))),
  '/jwks': async ({ does }) => {
    const numbers = isSymmetric(does.alg) ? [] : does.publishedKeys;
    const keys = await Promise.all(numbers.map((n) => signingKey(does.alg, n)));
    return reply(await does.jwks({ keys: keys.map((key) => key.publicJwk) }));
  },
  '/authorize': authorize,
  '/token': token,
  '/userinfo': async ({ does, grants, issuer }, request) => {
    const [, scheme = '', accessToken = ''] = /^(Bearer|DPoP) (.+)$/i.exec(request.headers.authorization ?? '') ?? [];
    const jkt = await proofOf(request, issuer, does, accessToken);
    if (jkt instanceof Reply) return jkt;
    const isBound = scheme.toLowerCase() === 'dpop' && jkt === grants.keyOf(accessToken);
    if (grants.isAccessToken(accessToken) && (isBound || grants.keyOf(accessToken) === undefined))
      return reply(await does.userinfo({ ...does.user }));
    return new Reply(401, '', { 'www-authenticate': 'Bearer error="invalid_token"' });
  },
  '/logout': async ({ does }, { method, query, form }) => {
    const parameters = method === 'POST' ? form : query;
    const target = parameters.get('post_logout_redirect_uri');
    if (target === null) return new Reply(200, '<p>You are signed out.</p>', { 'content-type': 'text/html' });
    const state = parameters.get('state');
    return redirect(target, await does.logout(new URLSearchParams(state === null ? {} : { state })));
  },
  '/par': async (state, request) => {
    const { issuer, client, does } = state;
    if (!(await isAuthenticated(request, client, does, issuer))) return invalidClient();
    if (request.form.has('request_uri')) return reply({ error: 'invalid_request' }, 400);
    try {
      return reply({ request_uri: keepPushed(await opened(state, request.form)), expires_in: 60 }, 201);
    } catch (error) {
      return reply({ error: (error as Error).message }, 400);
    }
  },
  // the one client of this provider, whatever is registered (RFC 7591, RFC 7592)
  '/register': ({ client, issuer }, { method, body }) =>
    method === 'DELETE'
      ? new Reply(204)
      : reply(
          {
            ...JSON.parse(body || '{}'),
            client_id: client.id,
            client_secret: client.secret,
            client_secret_expires_at: 0,
            registration_access_token: 'token-of-the-registration',
            registration_client_uri: `${issuer}/register?client_id=${client.id}`,
          },
          method === 'POST' ? 201 : 200,
        ),
  '/revoke': async ({ issuer, client, does, grants }, request) => {
    if (!(await isAuthenticated(request, client, does, issuer))) return invalidClient();
    grants.revoke(request.form.get('token') ?? '');
    return new Reply(200);
  },
  '/introspect': async ({ client, does, grants, issuer }, request) => {
    if (!(await isAuthenticated(request, client, does, issuer))) return invalidClient();
    const token = request.form.get('token') ?? '';
    if (!grants.isAccessToken(token)) return reply({ active: false });
    const exp = Math.floor(Date.now() / 1000) + 300;
    const { sub } = does.user;
    return reply(await does.introspection({ active: true, iss: issuer, sub, aud: 'api', exp, token_type: 'Bearer' }));
  },
};

/** RFC 6749 4.1.1, without a person: answers at once. A wrong client is told so here, not at the redirect URI. */
async function authorize(provider: ProviderState, request: Recorded): Promise<Reply> {
  const { issuer, client, does, grants } = provider;
  if (request.query.get('client_id') !== client.id) return reply({ error: 'unauthorized_client' }, 400);
  let query: URLSearchParams;
  try {
    query = await resolved(provider, request.query);
  } catch (error) {
    return reply({ error: (error as Error).message }, 400);
  }
  const redirectUri = query.get('redirect_uri');
  if (query.get('client_id') !== client.id || redirectUri === null) return reply({ error: 'unauthorized_client' }, 400);
  const answer = async (parameters: Record<string, string>) => {
    const state = query.get('state');
    const all = new URLSearchParams({ ...parameters, ...(state === null ? {} : { state }), iss: issuer });
    const mode = query.get('response_mode') ?? 'query';
    const answered = await does.authorization(all);
    const sent = mode.endsWith('jwt') ? `response=${await responseJwt(provider, answered)}` : answered;
    return mode.startsWith('form_post') ? formPost(redirectUri, sent) : redirect(redirectUri, sent);
  };
  if (query.get('response_type') !== 'code') return answer({ error: 'unsupported_response_type' });
  if (query.has('code_challenge') && query.get('code_challenge_method') !== 'S256') {
    return answer({ error: 'invalid_request', error_description: 'only S256 will do' });
  }
  return answer({ code: grants.open(query) });
}

/** The response as a JWT (JARM section 2.1). */
async function responseJwt(state: ProviderState, answered: URLSearchParams | string): Promise<string> {
  const { issuer, client, does } = state;
  const { iss: _, ...parameters } = Object.fromEntries(new URLSearchParams(answered));
  const claims = { iss: issuer, aud: client.id, exp: Math.floor(Date.now() / 1000) + 60, ...parameters };
  const header = await does.responseHeader(await signingHeader(does));
  return does.responseJwt(await signed(state, await does.responseClaims(claims), header));
}

/** A page whose form the browser posts at once (Form Post Response Mode). */
function formPost(target: string, answered: URLSearchParams | string): Reply {
  const fields = [...new URLSearchParams(answered)]
    .map(([name, value]) => `<input type="hidden" name="${name}" value="${value.replaceAll('"', '&quot;')}">`)
    .join('');
  const page = `<body onload="document.forms[0].submit()"><form method="post" action="${target}">${fields}</form></body>`;
  return new Reply(200, page, { 'content-type': 'text/html' });
}

/** RFC 6749 4.1.3 and section 6. */
async function token(state: ProviderState, request: Recorded): Promise<Reply> {
  const { issuer, client, does, grants } = state;
  const { form } = request;
  const names = [...form.keys()];
  if (new Set(names).size < names.length) return reply({ error: 'invalid_request' }, 400);
  if (!(await isAuthenticated(request, client, does, issuer))) return invalidClient();
  const jkt = await proofOf(request, issuer, does);
  if (jkt instanceof Reply) return jkt;
  const type = form.get('grant_type');
  if (type !== 'authorization_code' && type !== 'refresh_token') return reply({ error: 'unsupported_grant_type' }, 400);
  const grant =
    type === 'refresh_token'
      ? grants.refresh(form, does.rotate, does.revokeFamilyOnReuse)
      : grants.exchange(form, does.revokeFamilyOnReuse);
  if (!grant || (grant.jkt !== null && grant.jkt !== jkt)) return reply({ error: 'invalid_grant' }, 400);
  grant.jkt = jkt ?? null;
  const body = await does.tokens(await tokenResponse(state, grant, type), type);
  const changed = (body as Json | null)?.access_token;
  if (typeof changed === 'string') grants.addAccessToken(grant, changed);
  return reply(body);
}

async function tokenResponse(state: ProviderState, grant: Grant, type: GrantType): Promise<Json> {
  const { does, grants } = state;
  const accessToken = grants.addAccessToken(grant);
  const issued: Issued = { grant: type, sid: grant.sid, accessToken };
  if (type === 'authorization_code' || does.refreshIdToken) {
    issued.idToken = await does.compact(await idToken(state, grant, type, accessToken));
  }
  if (does.refreshToken && (type === 'authorization_code' || does.rotate)) {
    issued.refreshToken = grants.addRefreshToken(grant);
  }
  state.issued.push(issued);
  return {
    access_token: accessToken,
    token_type: grant.jkt === null ? 'Bearer' : 'DPoP',
    ...(does.expiresIn === undefined ? {} : { expires_in: does.expiresIn }),
    ...(issued.idToken === undefined ? {} : { id_token: issued.idToken }),
    ...(issued.refreshToken === undefined ? {} : { refresh_token: issued.refreshToken }),
  };
}

async function idToken(state: ProviderState, grant: Grant, type: GrantType, accessToken: string): Promise<string> {
  const { does, issuer } = state;
  const now = Math.floor(Date.now() / 1000);
  const proper = {
    iss: issuer,
    aud: grant.clientId,
    exp: now + does.idTokenLifetime,
    iat: now,
    at_hash: leftHalf(accessToken, does.alg),
    sid: grant.sid,
    ...(type === 'authorization_code' && grant.nonce !== null ? { nonce: grant.nonce } : {}),
    ...does.user,
  };
  const claims = await does.idToken(proper, type);
  return signed(state, claims, await does.header({ typ: 'JWT', ...(await signingHeader(does)) }));
}

/** An access token (RFC 9068) with these claims added to proper ones; a claim or header member that is null goes away. */
export async function accessToken(state: ProviderState, changes: Json = {}, header: Json = {}): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  const { sub } = state.does.user;
  const proper = {
    iss: state.issuer,
    aud: 'api',
    sub,
    client_id: 'program',
    iat: now,
    exp: now + 300,
    jti: String(now),
  };
  return logoutToken(state, withoutNulls({ ...proper, ...changes }), { typ: 'at+jwt', ...header });
}

const withoutNulls = (members: Json) =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== null));

/** A logout token (Back-Channel Logout 1.0 section 2.4) with these claims; a header member that is null goes away. */
export async function logoutToken(state: ProviderState, claims: Json | string, changes: Json = {}): Promise<string> {
  const header = { typ: 'logout+jwt', ...(await signingHeader(state.does)), ...changes };
  return signed(state, claims, withoutNulls(header));
}

async function signingHeader({ alg, signingKeyNumber }: Behaviour): Promise<Json> {
  return isSymmetric(alg) ? { alg } : { alg, kid: (await signingKey(alg, signingKeyNumber)).kid };
}

async function signed({ does, client }: ProviderState, claims: Json | string, header: Json): Promise<string> {
  const alg = String(header.alg);
  const key = isAsymmetric(alg) ? (await signingKey(alg, does.signingKeyNumber)).privateKey : client.secret;
  return compactToken(header, claims, key);
}

function reply(body: unknown, status = 200): Reply {
  if (body instanceof Reply) return body;
  return new Reply(status, typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body));
}

const invalidClient = () =>
  new Reply(401, '{"error":"invalid_client"}', { 'www-authenticate': 'Basic realm="provider"' });

function redirect(target: string, query: URLSearchParams | string): Reply {
  const separator = target.includes('?') ? '&' : '?';
  return new Reply(302, '', { location: String(query) === '' ? target : `${target}${separator}${query}` });
}
