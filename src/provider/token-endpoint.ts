import type { ProviderMetadata } from '../protocol/discovery';
import type { DpopKey } from '../protocol/dpop';
import { parseTokenResponse, type TokenResponse } from '../protocol/token-response';
import { postAsClient } from './client-request';
import type { ProviderContext } from './context';
import { withProof } from './dpop';

/**
 * One call of the token endpoint; two where it wants a nonce first.
 * @param dpopKey what the tokens are to be bound to
 * @throws as callProvider and parseTokenResponse
 */
export async function requestTokens(
  context: ProviderContext,
  metadata: ProviderMetadata,
  location: '/_token' | '/_refresh',
  grant: [string, string][],
  dpopKey: DpopKey = '',
): Promise<TokenResponse> {
  const url = metadata.token_endpoint;
  const answer = await withProof(context, dpopKey, { method: 'POST', url }, (proof) =>
    postAsClient(context, metadata, location, url, grant, proof),
  );
  return parseTokenResponse(answer.status, answer.contentType, answer.text, dpopKey === '' ? 'Bearer' : 'DPoP');
}
