import { createHash, randomUUID } from 'node:crypto';
import type { Grant, Recorded, State } from './state';
import { mintTokens } from './tokens';

export interface JsonAnswer {
  status: number;
  body: unknown;
}

/** Cognito says which error it is, and nothing more. */
const refuse = (error: string): JsonAnswer => ({ status: 400, body: { error } });

/** POST /oauth2/token: the secret as Basic or in the body. */
export async function answerToken(state: State, request: Recorded): Promise<JsonAnswer> {
  if (!isClient(state, request)) return refuse('invalid_client');
  const type = request.form.get('grant_type');
  if (type === 'authorization_code') return useCode(state, request.form);
  return type === 'refresh_token' ? useRefreshToken(state, request.form) : refuse('unsupported_grant_type');
}

/** POST /oauth2/revoke: refresh tokens only. */
export function answerRevoke(state: State, request: Recorded): JsonAnswer {
  if (!isClient(state, request)) return refuse('invalid_client');
  const token = request.form.get('token') ?? '';
  if (/^[^.]+\.[^.]+\.[^.]+$/.test(token)) return refuse('unsupported_token_type');
  state.refreshTokens.delete(token);
  return { status: 200, body: undefined };
}

function isClient({ client }: State, { authorization, form }: Recorded): boolean {
  const [id, secret] = authorization.startsWith('Basic ')
    ? Buffer.from(authorization.slice(6), 'base64').toString().split(':').map(decodeURIComponent)
    : [form.get('client_id') ?? '', form.get('client_secret') ?? ''];
  return id === client.id && secret === client.secret;
}

async function useCode(state: State, form: URLSearchParams): Promise<JsonAnswer> {
  const code = form.get('code') ?? '';
  const grant = state.codes.get(code);
  state.codes.delete(code); // used up, also by a request that fails
  const challenge = createHash('sha256')
    .update(form.get('code_verifier') ?? '')
    .digest('base64url');
  const proven = grant && (grant.codeChallenge === '' || grant.codeChallenge === challenge);
  if (!grant || !proven || grant.redirectUri !== form.get('redirect_uri')) return refuse('invalid_grant');
  return { status: 200, body: { ...(await answer(state, grant, true)), refresh_token: keep(state, grant) } };
}

async function useRefreshToken(state: State, form: URLSearchParams): Promise<JsonAnswer> {
  const kept = state.refreshTokens.get(form.get('refresh_token') ?? '');
  const { rotate, graceSeconds, nonceAtRefresh, idTokenAtRefresh, refreshAnswer } = state.does;
  if (refreshAnswer) return refreshAnswer;
  const late = kept?.retiredAt !== undefined && Date.now() >= kept.retiredAt + graceSeconds * 1000;
  if (!kept || late) return refuse('invalid_grant');
  if (rotate) kept.retiredAt ??= Date.now(); // before anything that takes time, so that one of two requests loses
  const { id_token, ...others } = await answer(state, kept.grant, nonceAtRefresh);
  const tokens = idTokenAtRefresh ? { id_token, ...others } : others;
  if (!rotate) return { status: 200, body: tokens };
  return { status: 200, body: { ...tokens, refresh_token: keep(state, kept.grant) } };
}

async function answer(state: State, grant: Grant, withNonce: boolean) {
  const { issuer, client, person, does } = state;
  const { lifetime, claims } = does;
  const tokens = await mintTokens({ issuer, client, person, grant, lifetime, withNonce, claims });
  return { ...tokens, expires_in: does.lifetime, token_type: 'Bearer' };
}

function keep(state: State, grant: Grant): string {
  const token = `refresh-${randomUUID()}`;
  state.refreshTokens.set(token, { grant });
  return token;
}
