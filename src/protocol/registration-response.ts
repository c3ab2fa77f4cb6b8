import { oidcError } from './errors';
import { type JsonObject, parseJsonObject, stringMember } from './json';
import { sameOrigin } from './origin';
import { printable } from './text';

/** A client as the provider registered it. */
export interface Registration {
  readonly clientId: string;
  /** '' for a client that has none. */
  readonly clientSecret: string;
  /** Seconds since 1970; 0 for never. */
  readonly secretExpires: number;
  readonly authMethod: string;
  /** How it is read, changed and deleted (RFC 7592); undefined where the provider gives no way that can be used. */
  readonly management: { readonly uri: string; readonly token: string } | undefined;
  /** What the provider registered otherwise than asked, as sentences. */
  readonly differences: string[];
}

/** What a registration is asked for, and at which endpoint. */
export interface Asked {
  /** The client metadata that were sent; none for a reading. */
  readonly metadata: JsonObject;
  readonly endpoint: string;
  /** Whether this is about a client that there is (RFC 7592). */
  readonly isKnown: boolean;
}

/**
 * Reads the answer of a client registration endpoint (RFC 7591 section 3.2) or a client configuration endpoint (RFC 7592
 * section 2). Nothing in it can end a line or a quotation of a configuration file without being escaped.
 * @throws registration_failed when the provider refuses or answers something else; provider_unreachable when it is in
 *   trouble itself
 */
export function parseRegistration(status: number, text: string, asked: Asked): Registration {
  const found = parseJsonObject(text) || {};
  if (status !== 200 && status !== 201) {
    throw refusal(status, found, asked);
  }
  const clientId = visible(found.client_id);
  const authMethod = stringMember(found, 'token_endpoint_auth_method') || methodAsked(asked);
  const needsSecret = authMethod.startsWith('client_secret_');
  const clientSecret = found.client_secret ? visible(found.client_secret) : '';
  const expires = found.client_secret_expires_at;
  if (!clientId || clientSecret === undefined || authMethod.length > 60 || /\W/.test(authMethod)) {
    throw wrong(status, 'no client_id, or with characters in it or in client_secret that are not visible ASCII');
  }
  if (needsSecret && clientSecret === '' && !asked.isKnown) {
    throw wrong(status, `no client_secret, although the client is to authenticate by ${authMethod}`);
  }
  return {
    clientId,
    clientSecret,
    secretExpires: typeof expires === 'number' && expires > 0 && expires < 1e11 ? Math.floor(expires) : 0,
    authMethod,
    management: managementIn(found, asked.endpoint),
    differences: differencesIn(found, asked.metadata),
  };
}

/** Checks the answer to a deletion (RFC 7592 section 2.3). Throws as parseRegistration. */
export function checkDeletion(status: number, text: string, asked: Asked): void {
  if (status !== 204 && status !== 200) {
    throw refusal(status, parseJsonObject(text) || {}, asked);
  }
}

/**
 * Whether an address may be that of a client of this endpoint: with it goes a token that gives the client away.
 * @throws registration_failed
 */
export function checkManagementUri(uri: string, endpoint: string): void {
  if (!isManagementUri(uri, endpoint)) {
    throw oidcError(
      'registration_failed',
      `"${printable(uri, 200)}" is no registration_client_uri of ${endpoint}: the header Registration-Client-Uri must have the one that the registration told`,
    );
  }
}

const methodAsked = ({ metadata }: Asked) =>
  stringMember(metadata, 'token_endpoint_auth_method') || 'client_secret_basic';

/**
 * VSCHAR (RFC 6749 appendix A), of a length that a setting may have. Told by what must not be there: for the older engine a
 * line break at the end is behind `$`.
 */
function visible(value: unknown): string | undefined {
  const isVisible = typeof value === 'string' && value !== '' && !/[^\x20-\x7e]/.test(value);
  return isVisible && value.length <= 2000 ? value : undefined;
}

const isManagementUri = (uri: string, endpoint: string) =>
  visible(uri) !== undefined &&
  /^https?:\/\/[\w.:[\]-]+\/[\w./~%!$&()*+,;=:@?-]*$/.test(uri) &&
  sameOrigin(originOf(uri), originOf(endpoint));

const originOf = (url: string) => /^https?:\/\/[^/?#]*/i.exec(url)?.[0] || '';

/** Both or neither (RFC 7592 section 3); the token as it goes into a header (RFC 6750 section 2.1). */
function managementIn(found: JsonObject, endpoint: string): Registration['management'] {
  const uri = stringMember(found, 'registration_client_uri') || '';
  const token = stringMember(found, 'registration_access_token') || '';
  const isToken = token.length <= 4000 && !/[^\w.~+/=-]/.test(token);
  return isManagementUri(uri, endpoint) && token !== '' && isToken ? { uri, token } : undefined;
}

/** A provider may register something else (RFC 7591 section 3.2.1); what it does not repeat is as it was asked. */
function differencesIn(found: JsonObject, sent: JsonObject): string[] {
  return Object.keys(sent)
    .filter((name) => found[name] !== undefined && normal(found[name]) !== normal(sent[name]))
    .map((name) => `${printable(name, 60)} is ${shown(found[name])}, not ${shown(sent[name])}`);
}

/** Lists are sets, and so is a scope. */
function normal(value: unknown): string {
  const list = typeof value === 'string' ? value.split(' ') : value;
  return JSON.stringify(Array.isArray(list) ? list.map((one) => JSON.stringify(one)).sort() : list);
}

const shown = (value: unknown) => printable(JSON.stringify(value), 200);

function refusal(status: number, found: JsonObject, { isKnown }: Asked) {
  if (status >= 500 || status === 429) {
    return oidcError('provider_unreachable', `the provider answered ${status} to the registration`);
  }
  const error = printable(stringMember(found, 'error') || '', 100);
  const described = printable(stringMember(found, 'error_description') || '', 300);
  const hint = status === 401 || status === 403 ? (isKnown ? tokenOfClient : initialToken) : hints[error] || '';
  return oidcError(
    'registration_failed',
    `the provider answered ${status} to the registration${error && `, ${error} ${described}`.trimEnd()}${hint && `: ${hint}`}`,
  );
}

const initialToken =
  'it may want an initial access token, which its console or its operator gives: curl -H "Authorization: Bearer ..."';
const tokenOfClient = 'the token must be the registration_access_token of this client; the client may be gone';
const hints: Record<string, string> = Object.assign(Object.create(null), {
  invalid_redirect_uri: 'is $oidc_base_url right, and https?',
  invalid_client_metadata: 'send what it wants in the body, as JSON; null leaves a member out',
  invalid_software_statement: 'send another software_statement in the body, as JSON',
  unapproved_software_statement: 'send another software_statement in the body, as JSON',
});

const wrong = (status: number, problem: string) =>
  oidcError('registration_failed', `the provider answered ${status} to the registration, with ${problem}`);
