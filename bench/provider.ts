import { randomBytes } from 'node:crypto';
import { type MisbehavingProvider, startMisbehavingProvider } from '../test/support/misbehaving-provider';

/** An ID token of about 1,150 bytes, RS256, and an access token of `accessToken` bytes, all good for a day. */
export async function startBenchProvider(accessToken = 1024): Promise<MisbehavingProvider> {
  const provider = await startMisbehavingProvider();
  provider.does.expiresIn = 86_400;
  provider.does.idTokenLifetime = 86_400;
  provider.does.user = {
    sub: '5e3c1a52-7f0a-4f6b-9d64-0a1c7c1f8e21',
    name: 'Alice Liddell',
    email: 'alice@example.com',
    groups: ['staff', 'admins'],
    picture: `https://example.com/${randomBytes(64).toString('hex')}`,
    zoneinfo: 'Europe/Vienna',
  };
  provider.does.idToken = ({ at_hash: _, ...claims }) => claims;
  provider.does.tokens = (body) => ({
    ...body,
    access_token: randomBytes(accessToken).toString('hex').slice(0, accessToken),
  });
  return provider;
}
