import { expect, it } from 'vitest';
import type { ProviderMetadata } from '../../../src/protocol/discovery';
import { revokeTokens } from '../../../src/provider/revocation';
import { type FakeAnswer, fakeContext, fakeRequest } from '../../support/fake-request';

const metadata = { revocation_endpoint: 'https://idp.test/revoke' } as ProviderMetadata;

async function logOf(answer: FakeAnswer): Promise<string[]> {
  const r = fakeRequest({}, () => answer);
  const context = fakeContext(r, { client: 'client', client_secret: 's', client_auth_method: '', client_keyfile: [] });
  await revokeTokens(context, metadata, { refreshToken: 'the-refresh-token', accessToken: 'a' });
  expect(r.subrequests).toHaveLength(1);
  return r.log.map(({ level, line }) => `${level} ${line}`);
}

it('a refresh token that is revoked needs no line in the log', async () => {
  expect(await logOf({ status: 200 })).toEqual([]);
});

it.each([400, 401, 404, 502, 503])('a refresh token that is not revoked (%i) is named in the log', async (status) => {
  const lines = await logOf({ status, text: '{"error":"invalid_client"}' });
  expect(lines).toEqual([
    expect.stringMatching(/^warn .*https:\/\/idp\.test\/revoke answered \d{3}.*was not revoked$/),
  ]);
  expect(lines[0]).not.toContain('the-refresh-token');
});
