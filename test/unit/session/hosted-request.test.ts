import { expect, it } from 'vitest';
import { openRequest, sealRequest } from '../../../src/session/hosted-request';

const key = 'a-key-for-tests-only-0123456789abcdef';
const random = `${'A-_'.repeat(14)}A`;
const pairs: [string, string][] = [
  ['state', random],
  ['acr_values', 'urn:example:gold https://example.com/acr.silver'],
  ['login_hint', 'älice@example.com'],
  ['prompt', ''],
];
const seal = () => sealRequest({ pairs, began: 1700000000 }, 'realm', key);

it('a request to fetch is the same again, for this site alone', async () => {
  const sealed = await seal();
  expect(sealed).toMatch(/^[\w-]+$/);
  expect(await openRequest(sealed, 'realm', key, 1700000000)).toEqual({ pairs, began: 1700000000 });
  expect(await openRequest(sealed, 'other', key, 1700000000)).toBeUndefined();
  expect(await openRequest(sealed, 'realm', `${key}!`, 1700000000)).toBeUndefined();
  expect(await openRequest(`${sealed.slice(0, -2)}AA`, 'realm', key, 1700000000)).toBeUndefined();
  expect(await openRequest('', 'realm', key, 1700000000)).toBeUndefined();
});

it('it is there for as long as the object that it becomes holds: five minutes from when its login began', async () => {
  const sealed = await seal();
  expect(await openRequest(sealed, 'realm', key, 1700000299)).toBeDefined();
  expect(await openRequest(sealed, 'realm', key, 1700000300)).toBeUndefined();
});

it('of the usual lengths it leaves a site 200 of the 512 characters that an address may have', async () => {
  const usual: [string, string][] = ['state', 'nonce', 'code_challenge', 'dpop_jkt'].map((name) => [name, random]);
  expect((await sealRequest({ pairs: usual, began: 1700000000 }, 'realm', key)).length).toBeLessThan(312);
});
