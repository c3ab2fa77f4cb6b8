import { createHash, randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import { signingKey } from '../provider/keys';
import type { CognitoClient, Grant, Person } from './state';

const secondsNow = () => Math.floor(Date.now() / 1000);

/** Cognito signs ID tokens and access tokens with different keys of one set. */
const idTokenKey = () => signingKey('RS256', 1);
const accessTokenKey = () => signingKey('RS256', 2);

export async function cognitoJwks(): Promise<{ keys: unknown[] }> {
  return { keys: [(await idTokenKey()).publicJwk, (await accessTokenKey()).publicJwk] };
}

export interface Minting {
  issuer: string;
  client: CognitoClient;
  person: Person;
  grant: Grant;
  /** seconds */
  lifetime: number;
  withNonce: boolean;
  claims: Record<string, unknown>;
}

/** The tokens of one answer, with the claims that a user pool puts there. */
export async function mintTokens(minting: Minting): Promise<{ id_token: string; access_token: string }> {
  const { issuer, client, person, grant, lifetime, withNonce, claims } = minting;
  const common = {
    sub: person.sub,
    iss: issuer,
    'cognito:groups': person.groups,
    origin_jti: grant.originJti,
    event_id: randomUUID(),
    auth_time: grant.authTime,
    iat: secondsNow(),
    exp: secondsNow() + lifetime,
  };
  const access_token = await sign(await accessTokenKey(), {
    ...common,
    jti: randomUUID(),
    client_id: client.id,
    token_use: 'access',
    version: 2,
    scope: grant.scope,
    username: person.username,
  });
  const id_token = await sign(await idTokenKey(), {
    ...common,
    jti: randomUUID(),
    aud: client.id,
    token_use: 'id',
    at_hash: createHash('sha256').update(access_token).digest().subarray(0, 16).toString('base64url'),
    'cognito:username': person.username,
    email: person.email,
    email_verified: true,
    'custom:department': person.department,
    ...(withNonce && grant.nonce ? { nonce: grant.nonce } : {}),
    ...claims,
  });
  return { id_token, access_token };
}

function sign(key: Awaited<ReturnType<typeof signingKey>>, claims: Record<string, unknown>): Promise<string> {
  return new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: key.kid }).sign(key.privateKey);
}
