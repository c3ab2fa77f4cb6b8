import { describe, expect, it } from 'vitest';
import { oidcError } from '../../../src/protocol/errors';
import { parseTokenResponse } from '../../../src/protocol/token-response';
import { meaningOfFailure } from '../../../src/steps/failed-renewal';

/** The error of a token endpoint's answer. */
function refused(status: number, text: string): unknown {
  try {
    return parseTokenResponse(status, 'application/json', text);
  } catch (error) {
    return error;
  }
}

describe('a renewal that failed', () => {
  it.each([
    'invalid_grant',
    'interaction_required',
    'login_required',
    'consent_required',
    'account_selection_required',
  ])('with %s ends the session, and the log has what the provider said', (error) => {
    const meaning = meaningOfFailure(refused(400, JSON.stringify({ error, error_description: 'who are you?' })));
    expect(meaning).toMatchObject({ code: 'refresh_rejected', detail: expect.stringContaining(`${error} who are`) });
  });

  it.each([
    oidcError('id_token_invalid', 'x'),
    oidcError('id_token_signature', 'x'),
    oidcError('id_token_algorithm', 'x'),
    oidcError('userinfo_invalid', 'x'),
  ])('for an ID token that does not hold ends the session: %s', (error) => {
    expect(meaningOfFailure(error)).toMatchObject({ code: 'refresh_rejected' });
  });

  it.each([
    refused(400, '{"error":"unauthorized_client"}'),
    refused(401, '{"error":"invalid_client"}'),
    refused(400, '{"error":"invalid_request"}'),
    refused(400, '{"error":"invalid_scope"}'),
    refused(400, '{"error":"unsupported_grant_type"}'),
    refused(400, '<h1>Bad request</h1>'),
    refused(200, '{}'),
    refused(429, '{"error":"invalid_grant"}'),
    refused(503, ''),
    oidcError('provider_timeout', ''),
    oidcError('jwks_failed', ''),
    oidcError('unknown_key', ''),
    oidcError('userinfo_failed', ''),
    new TypeError('x'),
    undefined,
  ])('for another reason ends no session, and stays what it was: %s', (error) => {
    expect(meaningOfFailure(error)).toBe(error);
  });
});
