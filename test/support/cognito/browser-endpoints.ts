import { randomUUID } from 'node:crypto';
import type { Recorded, State } from './state';

/** What a browser gets: a page, or the way to another. */
export interface BrowserAnswer {
  status: number;
  location?: string;
  page?: string;
  cookie?: string;
}

export const loginCookie = 'cognito';

const goTo = (location: string): BrowserAnswer => ({ status: 302, location });
const page = (status: number, text: string): BrowserAnswer => ({ status, page: `<!doctype html><p>${text}</p>` });

/** GET /oauth2/authorize. A wrong client or redirect URI never goes back to the site. */
export function answerAuthorize(state: State, query: URLSearchParams, isSignedIn: boolean): BrowserAnswer {
  const { client, does } = state;
  const redirectUri = query.get('redirect_uri') ?? '';
  if (query.get('client_id') !== client.id || !client.callbacks.includes(redirectUri)) {
    const error = query.get('client_id') === client.id ? 'redirect_mismatch' : 'invalid_client';
    return goTo(`${state.domain}/error?error=${error}&client_id=${encodeURIComponent(query.get('client_id') ?? '')}`);
  }
  if (query.get('response_type') !== 'code') return back(query, { error: 'unauthorized_client' });
  const unknown = (query.get('scope') ?? '').split(' ').filter((scope) => !client.scopes.includes(scope));
  if (unknown.length > 0) return back(query, { error: 'invalid_request', error_description: 'invalid_scope' });
  const method = query.get('code_challenge_method');
  if (query.has('code_challenge') && method !== 'S256') return back(query, { error: 'invalid_request' });
  if (does.refuse) return back(query, { error: does.refuse.error, error_description: does.refuse.description });
  return isSignedIn ? giveCode(state, query) : goTo(`${state.domain}/login?${query}`);
}

export function answerLogin(state: State, request: Recorded): BrowserAnswer {
  const { person } = state;
  const form =
    `<form method="post" action="/login?${request.query.toString().replaceAll('&', '&amp;')}">` +
    '<input name="login"><input name="password" type="password"><button>Sign in</button></form>';
  if (request.method === 'GET') return page(200, form);
  const known = request.form.get('login') === person.username && request.form.get('password') === person.password;
  return known ? { ...giveCode(state, request.query), cookie: `${loginCookie}=1; Path=/; HttpOnly` } : page(200, form);
}

/** GET /logout: client_id with logout_uri, or with redirect_uri and response_type, which goes on to sign in again. */
export function answerLogout(state: State, { method, query }: Recorded): BrowserAnswer {
  const { client } = state;
  const logoutUri = query.get('logout_uri');
  if (method !== 'GET' || query.get('client_id') !== client.id) return page(400, 'An error was encountered');
  const cookie = `${loginCookie}=; Path=/; Max-Age=0`;
  if (logoutUri !== null && client.signOuts.includes(logoutUri)) return { ...goTo(logoutUri), cookie };
  const again = query.get('response_type') === 'code' && client.callbacks.includes(query.get('redirect_uri') ?? '');
  return again ? { ...goTo(`${state.domain}/login?${query}`), cookie } : page(400, 'Required parameter missing');
}

function giveCode(state: State, query: URLSearchParams): BrowserAnswer {
  const code = randomUUID();
  state.codes.set(code, {
    redirectUri: query.get('redirect_uri') ?? '',
    scope: query.get('scope') ?? '',
    nonce: query.get('nonce') ?? '',
    codeChallenge: query.get('code_challenge') ?? '',
    authTime: Math.floor(Date.now() / 1000),
    originJti: randomUUID(),
  });
  return back(query, { code });
}

/** To the callback, with the state: the sign-in pages do not carry every character of it through. */
function back(query: URLSearchParams, answer: Record<string, string>): BrowserAnswer {
  const state = (query.get('state') ?? '').replace(/[^A-Za-z0-9_-]/g, '');
  return goTo(`${query.get('redirect_uri')}?${new URLSearchParams({ ...answer, state })}`);
}
