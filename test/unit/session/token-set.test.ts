import { describe, expect, it } from 'vitest';
import { tokenKey } from '../../../src/session/session-id';
import {
  deleteTokenSet,
  prolongTokenSet,
  readTokenPart,
  readTokenSet,
  type TokenSeal,
  writeTokenSet,
} from '../../../src/session/token-set';
import { memoryStore } from '../../support/memory-store';
import { scopeOf, tokenRecord } from '../../support/session-fixture';

const seal = sealOf('a secret');

function sealOf(secret: string, context = 'key'): TokenSeal {
  return { key: (part) => tokenKey(part, secret, scopeOf()), context };
}

async function written(accessToken = 'access') {
  const store = memoryStore();
  const tokens = tokenRecord({ accessToken });
  const set = await writeTokenSet(store, seal, tokens, 60);
  return { store, tokens, set, pieces: () => [...store.entries.values()].map(({ value }) => value.length) };
}

describe('a set of tokens', () => {
  it.each([1, 100, 900, 1500, 2500, 9000, 40_000])('with a token of %i characters comes back', async (length) => {
    const { store, tokens, set } = await written('x!'.repeat(length / 2 + 1));
    expect(await readTokenSet(store, seal, set)).toEqual(tokens);
  });

  it('may have a key that the access token is bound to', async () => {
    const store = memoryStore();
    const tokens = { ...tokenRecord(), dpopKey: 'x.y.d' };
    expect(await readTokenSet(store, seal, await writeTokenSet(store, seal, tokens, 60))).toEqual(tokens);
    expect([...store.entries.values()].map(({ value }) => value).join()).not.toContain('x.y.d');
  });

  it.each([
    [650, [1024, 9]],
    [1350, [1966]],
    [1440, [2048, 38]],
    [2240, [2048, 1024, 81]],
  ])('with %i bytes of tokens is cut so that the pieces fill what a zone gives them', async (length, expected) => {
    const { pieces } = await written('!'.repeat(length));
    expect(pieces()).toEqual(expected);
  });

  it.each(['access', 'id', 'rest'] as const)('opens its part %s without the others', async (part) => {
    const { store, set, tokens } = await written('!'.repeat(3000));
    const { accessToken, idToken, refreshToken, nonce } = tokens;
    const expected = { access: [accessToken], id: [idToken], rest: [refreshToken, nonce] };
    const asked: string[] = [];
    const key = (named: string) => {
      asked.push(named);
      return seal.key(named as 'access');
    };
    expect(await readTokenPart(store, { ...seal, key }, set, part)).toEqual(expected[part]);
    expect(asked).toEqual([part]);
  });

  it('does not open one part under the name of another', async () => {
    const { store, set } = await written();
    const swapped = { ...seal, key: () => seal.key('access') };
    expect(await readTokenPart(store, swapped, set, 'id')).toBeUndefined();
  });

  it('has keys of 16 characters', async () => {
    const { store } = await written('!'.repeat(9000));
    for (const key of store.entries.keys()) expect(key).toMatch(/^[\w-]{16}$/);
  });

  it('of another session, or with a piece missing, does not open', async () => {
    const { store, set } = await written('!'.repeat(3000));
    expect(await readTokenSet(store, sealOf('a secret', 'another key'), set)).toBeUndefined();
    store.delete([...store.entries.keys()][1] as string);
    expect(await readTokenSet(store, seal, set)).toBeUndefined();
    expect(await readTokenSet(store, seal, '')).toBeUndefined();
  });

  it('lives as long as it is prolonged, and goes as a whole', async () => {
    const { store, set, tokens } = await written('!'.repeat(3000));
    store.now += 59;
    prolongTokenSet(store, set, 60);
    store.now += 59;
    expect(await readTokenSet(store, seal, set)).toEqual(tokens);
    const deleted: string[] = [];
    const counting = {
      ...store,
      delete: (key: string) => {
        deleted.push(key);
        store.delete(key);
      },
    };
    deleteTokenSet(counting, set);
    expect(store.entries.size).toBe(0);
    expect(deleted, 'nothing else was asked for').toHaveLength(Number(set.split('.')[1]));
  });

  it('for which there is no room leaves no part of it behind', async () => {
    const store = memoryStore();
    const { set } = store;
    let room = 2;
    store.set = (key, value, ttl) => {
      if (room-- === 0) throw new Error('full');
      set(key, value, ttl);
    };
    const tokens = tokenRecord({ accessToken: '!'.repeat(5000) });
    await expect(writeTokenSet(store, seal, tokens, 60)).rejects.toThrow('full');
    expect(store.entries.size).toBe(0);
  });
});
