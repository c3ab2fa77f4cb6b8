import { expect, it } from 'vitest';
import { maskedClaim } from '../../../src/protocol/masked-claim';

it.each([
  ['email', 'alice@example.com', 'alice@example.com'],
  ['groups', ['staff', 'admins'], '["staff","admins"]'],
  ['exp', 1700000000, '1700000000'],
  ['name', 'Zo\u00eb\r\n', 'Zo???'],
  ['nothing', null, 'null'],
])('shows %s as one line', (name, value, shown) => {
  expect(maskedClaim(name, value)).toBe(shown);
});

it.each([
  ['nonce', 'n-0S6_WzA2Mj'],
  ['sid', 'session-at-the-provider'],
  ['jti', '0f2c'],
  ['at_hash', 'x'],
  ['my_access_token', 'opaque'],
  ['client_secret', 's'],
  ['anything', 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln'],
  ['nested', { more: ['eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln'] }],
])('says of %s only that it is there', (name, value) => {
  expect(maskedClaim(name, value)).toMatch(/^\(there, \d+ characters\)$/);
});
