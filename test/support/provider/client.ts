import { createLocalJWKSet, type JWK, jwtVerify } from 'jose';
import type { Behaviour, ClientAuthentication } from './behaviour';
import type { Recorded } from './recorded';
import { tokenParts } from './sign';

/** The one client that the provider knows. */
export interface Client {
  id: string;
  secret: string;
  /** public keys, for what it signs */
  keys?: JWK[];
  /** SHA-256 fingerprint of its certificate, as node:tls writes it */
  certificate?: string;
}

const jwtBearer = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** Whether a request comes from the client, by a method that is allowed (OpenID Connect Core section 9, RFC 8705). */
export async function isAuthenticated(
  request: Recorded,
  client: Client,
  does: Behaviour,
  issuer: string,
): Promise<boolean> {
  const { headers, form, certificate } = request;
  const { authorization } = headers;
  const allows = (method: ClientAuthentication) => does.clientAuthentication.includes(method);
  if (authorization !== undefined) {
    if (form.has('client_secret') || !allows('client_secret_basic')) return false;
    const [id, secret] = basicCredentials(authorization, does.basicEncoding);
    return id === client.id && secret === client.secret;
  }
  if (form.get('client_id') !== client.id) return false;
  const assertion = form.get('client_assertion');
  if (assertion !== null) {
    return (
      form.get('client_assertion_type') === jwtBearer &&
      !form.has('client_secret') &&
      holds(assertion, client, does, does.assertionAudience ?? issuer)
    );
  }
  const secret = form.get('client_secret');
  if (secret !== null) return allows('client_secret_post') && secret === client.secret;
  return allows('tls_client_auth') || allows('self_signed_tls_client_auth')
    ? certificate !== undefined && certificate === client.certificate
    : allows('none');
}

const usedOnce = new Set<string>();

/** RFC 7523 section 3, as strict as FAPI 2: one audience, a minute, used once. */
async function holds(assertion: string, client: Client, does: Behaviour, audience: string): Promise<boolean> {
  const isSecret = /^HS/.test(String(tokenParts(assertion).header.alg));
  if (!does.clientAuthentication.includes(isSecret ? 'client_secret_jwt' : 'private_key_jwt')) return false;
  const options = {
    issuer: client.id,
    subject: client.id,
    maxTokenAge: 10,
    ...(does.assertionAlgorithms ? { algorithms: does.assertionAlgorithms } : {}),
  };
  try {
    const { payload } = isSecret
      ? await jwtVerify(assertion, Buffer.from(client.secret), options)
      : await jwtVerify(assertion, createLocalJWKSet({ keys: client.keys ?? [] }), options);
    const { aud, jti = '', exp = 0, iat = 0 } = payload;
    if (aud !== audience || exp - iat > 60 || jti.length < 16 || usedOnce.has(jti)) return false;
    usedOnce.add(jti);
    return true;
  } catch {
    return false;
  }
}

function basicCredentials(authorization: string, encoding: Behaviour['basicEncoding']): (string | undefined)[] {
  const text = Buffer.from(authorization.replace(/^Basic +/i, ''), 'base64').toString();
  const colon = text.indexOf(':');
  const parts = [text.slice(0, colon), text.slice(colon + 1)];
  return encoding === 'raw' ? parts : parts.map(formDecoded);
}

function formDecoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}
