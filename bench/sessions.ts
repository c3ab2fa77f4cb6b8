import { randomBytes } from 'node:crypto';
import { sessionsIn } from '../src/session/sessions';
import { memoryStore } from '../test/support/memory-store';
import { testScope } from '../test/support/site';

/** What the store of a running site holds of one session, made by the product's own code. */
export interface StoredSession {
  /** Cookie header that opens it */
  cookie: string;
  /** [key, value, seconds to live] */
  entries: Array<[string, string, number]>;
}

/** Bytes of the tokens of a session. */
export interface TokenSizes {
  idToken: number;
  accessToken: number;
  refreshToken: number;
}

/** The sizes that capacity is told for. */
export const usualTokens: TokenSizes = { idToken: 1229, accessToken: 1024, refreshToken: 1024 };

const claims = {
  jwt_claim_sub: '5e3c1a52-7f0a-4f6b-9d64-0a1c7c1f8e21',
  oidc_claim_name: 'Alice Liddell',
  oidc_claim_email: 'alice@example.com',
  oidc_claim_groups: 'staff,admins',
};

export async function storedSession(issuer: string, sizes = usualTokens): Promise<StoredSession> {
  const now = Math.floor(Date.now() / 1000);
  const store = memoryStore(now);
  const sessions = sessionsIn(store, testScope(issuer));
  const day = 86_400;
  const record = {
    variables: claims,
    wants: '' as const,
    endsAt: now + day,
    idleTimeout: day,
    usedAt: now,
    renewAt: now + day,
    expiresAt: now + day,
    accessTokenEndsAt: now + day,
    tokenSet: '',
  };
  const tokens = {
    idToken: jwtOf(sizes.idToken),
    besideIdToken: '',
    accessToken: jwtOf(sizes.accessToken),
    refreshToken: opaque(sizes.refreshToken),
    nonce: '',
  };
  const { secret } = await sessions.create(record, tokens, now);
  const entries = [...store.entries].map(([key, { value }]): [string, string, number] => [key, value, day]);
  return { cookie: `auth_token=${secret}`, entries };
}

/** Base64url of about so many characters. */
function opaque(length: number): string {
  return randomBytes(Math.floor((length * 3) / 4)).toString('base64url');
}

/** Three parts of base64url, the last as long as an RS256 signature where there is room for it. */
function jwtOf(length: number): string {
  const signature = Math.min(342, Math.floor(length / 2));
  return [opaque(36), opaque(length - signature - 38), opaque(signature)].join('.');
}
