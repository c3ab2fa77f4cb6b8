import type { ProviderMetadata } from '../protocol/discovery';
import type { DpopKey } from '../protocol/dpop';
import { oidcError } from '../protocol/errors';
import type { VerifiedIdToken } from '../protocol/id-token';
import type { JsonObject } from '../protocol/json';
import { decodeJws } from '../protocol/jws';
import { parseUserinfo, signedUserinfo, userinfoErrorOf } from '../protocol/userinfo';
import { callProvider, type ProviderAnswer } from './call';
import type { ProviderContext } from './context';
import { decrypted } from './decrypt';
import { withProof } from './dpop';
import { providerKeys } from './keys';
import { verifySignature } from './verify-signature';

/** The claims of the verified ID token, completed by UserInfo where `$oidc_userinfo` asks for it; `dpopKey`: what the access token is bound to. */
export async function allClaims(
  context: ProviderContext,
  metadata: ProviderMetadata,
  idToken: VerifiedIdToken,
  accessToken: string,
  dpopKey: DpopKey = '',
): Promise<Record<string, unknown>> {
  if (!context.config.userinfo) {
    return idToken.claims;
  }
  if (!metadata.userinfo_endpoint) {
    throw oidcError('config_invalid', '$oidc_userinfo is on, but there is no endpoint: set $oidc_userinfo_endpoint');
  }
  const url = metadata.userinfo_endpoint;
  const authorization = `${dpopKey === '' ? 'Bearer' : 'DPoP'} ${accessToken}`;
  const answer = await withProof(context, dpopKey, { method: 'GET', url, accessToken }, (dpop) =>
    callProvider(context, '/_userinfo', url, { authorization, dpop }),
  );
  if (answer.status !== 200) {
    throw oidcError('userinfo_failed', `the UserInfo endpoint answered ${answer.status}`);
  }
  const claims = await claimsIn(context, metadata, answer, idToken).catch((error) => {
    throw userinfoErrorOf(error);
  });
  return { ...claims, ...idToken.claims };
}

/** JSON, or a JWT that is signed, encrypted or both (OpenID Connect Core 5.3.2). */
async function claimsIn(
  context: ProviderContext,
  metadata: ProviderMetadata,
  { contentType, text }: ProviderAnswer,
  { iss, sub }: VerifiedIdToken,
): Promise<JsonObject> {
  const { config } = context;
  const inside = await decrypted(config, text, 'UserInfo response', 'userinfo');
  const isJwt = inside === text ? /^application\/jwt/i.test(contentType) : inside.charAt(0) !== '{';
  if (!isJwt) {
    return parseUserinfo(contentType, inside, sub);
  }
  const jws = decodeJws(inside, 'UserInfo response');
  const verified = await verifySignature(jws, providerKeys(context, metadata), config.id_token_algs);
  return signedUserinfo(verified, { issuer: iss, clientId: config.client, sub });
}
