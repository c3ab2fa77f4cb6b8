import { expect, it } from 'vitest';
import { checkSecrets } from '../../../src/check/secrets';
import type { Config } from '../../../src/config/settings';

const of = (hmac_key: string, client_secret = 'another') => checkSecrets({ hmac_key, client_secret } as Config)[0];

it.each(['3f9c2a81d04b7e6655aa3f9c2a81d04b', 'wTzDdO5X8QG1u2kPZy7s4A=='])('is content with %s', (key) => {
  expect(of(key)).toMatchObject({ state: 'ok', value: expect.not.stringContaining(key) });
});

it.each(['aaaaaaaaaaaaaaaaaaaaaaaa', 'abababababababababab', 'my-very-long-password-1!', 'Secret-of-my-company-2024'])(
  'warns of %s, and does not show it',
  (key) => {
    expect(of(key)).toMatchObject({ state: 'warning', remedy: expect.stringContaining('openssl rand') });
    expect(JSON.stringify(of(key))).not.toContain(key);
  },
);

it('warns of a key that the provider knows, too', () => {
  const key = '3f9c2a81d04b7e6655aa3f9c2a81d04b';
  expect(of(key, key)).toMatchObject({ state: 'warning', value: expect.stringContaining('is the client secret') });
});
