import { readFileSync } from 'node:fs';
import { createLocalJWKSet, decodeJwt, type JSONWebKeySet, jwtVerify } from 'jose';
import handlers from '../../../src/plus/index';
import { cognitoJwks } from '../cognito/tokens';
import type { CognitoProvider } from '../cognito-provider';
import { type KeyvalNode, keyvalCluster, keyvalLines } from './keyval';
import { type PlusAnswer, type PlusRequest, type PlusServer, plusRequest } from './request';

export const plusTemplate = (name: string) =>
  readFileSync(new URL(`../../../nginx/plus/${name}`, import.meta.url), 'utf8');

/** A site on NGINX Plus nodes, its protected location behind `auth_jwt "" token=$session_jwt`. */
export interface PlusSite {
  nodes: KeyvalNode[];
  log: string[];
  variables: Record<string, string>;
  /** one request to one node; the protected location answers 200 with the claims it sees */
  request(asked: PlusRequest, node?: number): Promise<PlusAnswer>;
}

export async function startPlusSite(
  cognito: CognitoProvider,
  options: { nodes?: number; delay?: number; variables?: Record<string, string> } = {},
): Promise<PlusSite> {
  const nodes = keyvalCluster(options.nodes ?? 1, options.delay ?? 0);
  const keys = createLocalJWKSet((await cognitoJwks()) as JSONWebKeySet);
  const log: string[] = [];
  const keyvals = keyvalLines(plusTemplate('openid_connect_configuration.conf'));
  const variables: Record<string, string> = {
    oidc_authz_endpoint: `${cognito.domain}/oauth2/authorize`,
    oidc_token_endpoint: `${cognito.domain}/oauth2/token`,
    oidc_jwt_keyfile: cognito.jwksUri,
    oidc_client: cognito.client.id,
    oidc_client_secret: cognito.client.secret,
    oidc_hmac_key: 'a-key-for-tests-only-0123456789abcdef',
    oidc_scopes: 'openid+profile+email',
    oidc_insecure_http_provider: '1',
    oidc_cookie_flags: 'Path=/; SameSite=Lax; HttpOnly; Secure;',
    redir_location: '/_codexch',
    redirect_base: 'https://app.example.com:443',
    oidc_client_auth_method: '',
    pkce_id: '',
    idp_sid: '',
    ...options.variables,
  };

  const admits = async (token: string | undefined) =>
    token !== undefined &&
    jwtVerify(token, keys).then(
      () => true,
      () => false,
    );

  async function request(asked: PlusRequest, node = 0): Promise<PlusAnswer> {
    const server: PlusServer = { node: nodes[node] as KeyvalNode, keyvals, variables, log };
    const made = plusRequest(server, asked);
    const answer = await answerTo(made, asked);
    log.push(`access log: ${made.read('request_id')} "${asked.method ?? 'GET'} ${asked.uri.split('?')[0]}"`);
    return answer;
  }

  async function answerTo(
    { r, answer, read }: ReturnType<typeof plusRequest>,
    asked: PlusRequest,
  ): Promise<PlusAnswer> {
    const path = asked.uri.split('?')[0];
    if (path === '/_codexch') await handlers.codeExchange(r);
    else if (path === '/logout') await handlers.logout(r);
    else if (path === '/front_channel_logout') await handlers.handleFrontChannelLogout(r);
    else if (path === '/back_channel_logout') await handlers.handleBackChannelLogout(r);
    else if (path === '/_oidc_login') await handlers.oidcLogin(r);
    else {
      for (let redirects = 0; !(await admits(read('session_jwt'))); redirects += 1) {
        if (redirects > 10) return { ...answer, status: 500, body: 'rewrite or internal redirection cycle' };
        delete answer.redirectedTo;
        await handlers.auth(r);
        if (answer.redirectedTo === undefined) return answer;
      }
      const { sub } = decodeJwt(read('session_jwt') ?? '');
      return { ...answer, status: 200, body: JSON.stringify({ sub, access_token: read('access_token') }) };
    }
    return answer;
  }
  return { nodes, log, variables, request };
}
