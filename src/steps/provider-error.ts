import { note } from '../browser/page-texts';
import { errorText } from '../protocol/authorization-response';
import { oidcError } from '../protocol/errors';

/** The provider's own error as one of ours, with the remedy where there is one. */
export function providerError(error: string, description: string) {
  const answer = errorText(error, description) + remedyFor(error, description);
  return oidcError('provider_error', `the provider answered ${answer}`, {
    note: note('The provider says: {answer}', { answer }),
  });
}

function remedyFor(error: string, description: string): string {
  return /invalid_scope/.test(`${error} ${description}`)
    ? '; change $oidc_scopes to the scopes that this client may ask for (Amazon Cognito: without offline_access)'
    : '';
}
