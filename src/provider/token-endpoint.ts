import type { ProviderMetadata } from '../protocol/discovery';
import { parseTokenResponse, type TokenResponse } from '../protocol/token-response';
import { postAsClient } from './client-request';
import type { ProviderContext } from './context';

/** One call of the token endpoint. Throws as callProvider and parseTokenResponse. */
export async function requestTokens(
  context: ProviderContext,
  metadata: ProviderMetadata,
  location: '/_token' | '/_refresh',
  grant: [string, string][],
): Promise<TokenResponse> {
  const answer = await postAsClient(context, metadata, location, metadata.token_endpoint, grant);
  return parseTokenResponse(answer.status, answer.contentType, answer.text);
}
