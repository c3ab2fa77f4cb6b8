import { expect, it } from 'vitest';
import { openPosted, sealPosted } from '../../../src/session/posted-response';

const key = 'a-key-for-tests-only-0123456789abcdef';

it('a posted response is the same again, for this site alone', async () => {
  const sealed = (await sealPosted('code=C&state=S', 'realm', key)) ?? '';
  expect(sealed).toMatch(/^[\w-]+$/);
  expect(sealed).not.toContain(Buffer.from('code=C').toString('base64url').slice(0, 7));
  expect(await openPosted(sealed, 'realm', key)).toBe('code=C&state=S');
  expect(await openPosted(sealed, 'other', key)).toBeUndefined();
  expect(await openPosted(sealed, 'realm', `${key}!`)).toBeUndefined();
  expect(await openPosted(`${sealed.slice(0, -2)}AA`, 'realm', key)).toBeUndefined();
  expect(await openPosted('nonsense', 'realm', key)).toBeUndefined();
});

it('one that no address can carry is not sealed', async () => {
  expect(((await sealPosted('a'.repeat(5500), 'realm', key)) ?? '').length).toBeLessThan(7800);
  expect(await sealPosted('a'.repeat(5501), 'realm', key)).toBeUndefined();
});
