import type { IncomingHttpHeaders } from 'node:http';

/** Who is signed in, as NGINX says it in request headers. The application itself knows nothing of OpenID Connect. */
export interface Identity {
  signedIn: boolean;
  username: string | null;
  name: string | null;
  email: string | null;
  groups: string[];
  /** the scheme and a shortened value: the token itself is nobody's business */
  authorization: string | null;
  /** which of several NGINX it came through */
  node: string | null;
  /** seconds since epoch */
  sessionRenews: number | null;
  sessionExpires: number | null;
}

export function readIdentity(headers: IncomingHttpHeaders): Identity {
  const username = headerText(headers['username']) ?? null;
  return {
    signedIn: username !== null,
    username,
    name: headerText(headers['x-name']) ?? null,
    email: headerText(headers['x-email']) ?? null,
    groups: (headerText(headers['x-groups']) ?? '').split(',').filter(Boolean),
    authorization: shortened('authorization', headerText(headers['authorization']) ?? '') || null,
    node: headerText(headers['x-node']) ?? null,
    sessionRenews: seconds(headers['x-oidc-session-renews']),
    sessionExpires: seconds(headers['x-oidc-session-expires']),
  };
}

/** A header's value as text: NGINX sends UTF-8, Node reads Latin-1. Undefined when it is missing or empty. */
export function headerText(value: string | string[] | undefined): string | undefined {
  const text = Array.isArray(value) ? value.join(', ') : value;
  return text ? Buffer.from(text, 'latin1').toString('utf8') : undefined;
}

/** The value as it may be shown: of cookies and credentials only the beginning. */
export function shortened(header: string, value: string): string {
  if (header === 'authorization') {
    return value.replace(
      /^(\S+) (\S{8})\S+$/,
      (all, scheme, start) => `${scheme} ${start}… (${all.length} characters)`,
    );
  }
  if (header === 'cookie') return value.replace(/=([^;]{8})[^;]+/g, '=$1…');
  return value;
}

function seconds(value: string | string[] | undefined): number | null {
  return typeof value === 'string' && /^\d{1,11}(\.\d+)?$/.test(value) ? Math.floor(Number(value)) : null;
}
