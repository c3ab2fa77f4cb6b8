import { expect, it } from 'vitest';
import { identityIn, identityOf } from '../../../src/protocol/identity';
import { signerOf } from '../../support/signed-token';

const who = { iss: 'https://idp.test', sub: 'alice' };

it.each([
  ['abc', { ...who, sid: 'abc' }],
  ['', who],
  [7, who],
  [['abc'], who],
  [undefined, who],
])('the identity of an ID token with the sid %j is %j', async (sid, expected) => {
  expect(identityOf(await (await signerOf('ES256')).sign({ ...who, sid }))).toEqual(expected);
});

it.each([{}, { iss: who.iss }, { sub: 'alice' }, { ...who, sub: '' }, { ...who, sub: 7 }])('%j are none', (claims) => {
  expect(identityIn(claims)).toBeUndefined();
});
