import { expect, it } from 'vitest';
import { nextPerson, openPerson, sealPerson } from '../../../src/session/person-since';
import { hmacKey } from '../../support/session-fixture';

const realm = 'client\nhttps://idp.test';
const [alice, bob] = ['alice', 'bob'].map((sub) => ({ iss: 'https://idp.test', sub })) as [
  { iss: string; sub: string },
  { iss: string; sub: string },
];
const next = (before: ReturnType<typeof nextPerson> | undefined, who: typeof alice, now: number) =>
  nextPerson(before, who, realm, hmacKey, now);

it('the time is that of the last change of person', () => {
  const first = next(undefined, alice, 1000);
  expect(first.since).toBe(1000);
  expect(next(first, alice, 2000)).toEqual(first);
  const other = next(first, bob, 3000);
  expect([other.since, other.person === first.person]).toEqual([3000, false]);
  expect(next(other, alice, 4000).since).toBe(4000);
  expect(next(first, { ...alice, iss: 'https://other.test' }, 5000).since).toBe(5000);
});

it('the browser keeps it sealed, for one realm', async () => {
  const first = next(undefined, alice, 1000);
  const sealed = await sealPerson(first, realm, hmacKey);
  expect(sealed).toMatch(/^[\w-]+$/);
  expect(await openPerson(sealed, realm, hmacKey)).toEqual(first);
  for (const [value, where] of [
    [sealed, 'another'],
    [(sealed.startsWith('A') ? 'B' : 'A') + sealed.slice(1), realm],
    ['', realm],
    [undefined, realm],
  ] as const) {
    expect(await openPerson(value, where, hmacKey)).toBeUndefined();
  }
});
