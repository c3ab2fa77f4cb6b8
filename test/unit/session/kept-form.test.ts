import { describe, expect, it } from 'vitest';
import { openForm, sealForm, spentForm } from '../../../src/session/kept-form';
import { hmacKey } from '../../support/session-fixture';

const realm = 'client\nhttps://idp.test';
const posted = 1_700_000_000_000;
const form = {
  id: 'an-id',
  posted,
  wasSignedIn: true,
  path: '/orders?a="<\n',
  type: 'text/plain',
  body: Buffer.from([0, 10, 13, 255]).toString('base64'),
};

describe('a kept form', () => {
  it('comes back as it went, also an empty one', async () => {
    for (const one of [form, { ...form, body: '', wasSignedIn: false }]) {
      expect(await openForm(await sealForm(one, realm, hmacKey), realm, hmacKey, 60, posted)).toEqual(one);
    }
  });

  it('is base64url that tells nothing, and differs each time', async () => {
    const sealed = await sealForm(form, realm, hmacKey);
    expect(sealed).toMatch(/^[\w-]+$/);
    expect(Buffer.from(sealed, 'base64url').toString('latin1')).not.toContain('orders');
    expect(await sealForm(form, realm, hmacKey)).not.toBe(sealed);
  });

  it('opens in its realm, with its key, as it is, and in time', async () => {
    const sealed = await sealForm(form, realm, hmacKey);
    expect(await openForm(sealed, `${realm}2`, hmacKey, 60, posted)).toBeUndefined();
    expect(await openForm(sealed, realm, `${hmacKey}2`, 60, posted)).toBeUndefined();
    expect(
      await openForm((sealed.startsWith('A') ? 'B' : 'A') + sealed.slice(1), realm, hmacKey, 60, posted),
    ).toBeUndefined();
    expect(await openForm('', realm, hmacKey, 60, posted)).toBeUndefined();
    expect(await openForm(sealed, realm, hmacKey, 60, posted + 60_000)).toBeDefined();
    expect(await openForm(sealed, realm, hmacKey, 60, posted + 60_001)).toBeUndefined();
  });

  it('is spent in its realm', () => {
    const entries = [spentForm('an-id', realm), spentForm('an-id', 'another'), spentForm('another-id', realm)];
    expect(new Set(entries).size).toBe(3);
    for (const entry of entries) expect(entry).toMatch(/^k:[\w-]{43}$/);
  });
});
