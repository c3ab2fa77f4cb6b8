import { describe, expect, it } from 'vitest';
import { type ErrorCode, errorTable, isOidcError, oidcError } from '../../../src/protocol/errors';

describe('an error', () => {
  it('knows its code, what the log says, and what the provider said', () => {
    const error = oidcError('token_request_failed', 'why', { oauthError: 'invalid_grant' });
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ code: 'token_request_failed', detail: 'why', oauthError: 'invalid_grant' });
    expect(isOidcError(error)).toBe(true);
  });

  it.each([undefined, null, 'internal', new Error('x'), { code: 'ENOENT' }, { code: 'constructor' }, { code: 7 }])(
    '%j is none of ours',
    (error) => {
      expect(isOidcError(error)).toBe(false);
    },
  );

  it.each(Object.keys(errorTable) as ErrorCode[])('%s has a status and words for a person', (code) => {
    const { status, title, text } = errorTable[code];
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(600);
    expect(title.length).toBeGreaterThan(5);
    expect(text).toMatch(/\.$/);
  });
});
