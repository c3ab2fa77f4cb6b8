import type { Behaviour, ClientAuthentication } from './behaviour';
import type { Recorded } from './recorded';

/** The one client that the provider knows. */
export interface Client {
  id: string;
  secret: string;
}

/** Whether a request comes from the client, by a method that is allowed (OpenID Connect Core section 9). */
export function isAuthenticated({ headers, form }: Recorded, client: Client, does: Behaviour): boolean {
  const { authorization } = headers;
  const allows = (method: ClientAuthentication) => does.clientAuthentication.includes(method);
  if (authorization !== undefined) {
    if (form.has('client_secret') || !allows('client_secret_basic')) return false;
    const [id, secret] = basicCredentials(authorization, does.basicEncoding);
    return id === client.id && secret === client.secret;
  }
  if (form.get('client_id') !== client.id) return false;
  const secret = form.get('client_secret');
  return secret === null ? allows('none') : allows('client_secret_post') && secret === client.secret;
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
