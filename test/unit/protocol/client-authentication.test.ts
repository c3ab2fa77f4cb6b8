import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { authenticate, chooseMethod } from '../../../src/protocol/client-authentication';

describe('the client authentication method', () => {
  it.each([
    ['', 's', undefined, 'client_secret_basic'],
    ['', 's', ['client_secret_basic', 'client_secret_post'], 'client_secret_basic'],
    ['', 's', ['client_secret_post'], 'client_secret_post'],
    ['', 's', ['private_key_jwt'], 'client_secret_basic'],
    ['', 's', [], 'client_secret_basic'],
    ['', '', ['client_secret_basic'], 'none'],
    ['client_secret_post', 's', ['client_secret_basic'], 'client_secret_post'],
    ['none', 's', undefined, 'none'],
    ['none', '', undefined, 'none'],
  ] as const)('configured %j with secret %j and metadata %j is %s', (configured, secret, supported, method) => {
    expect(chooseMethod(configured, secret, supported && [...supported])).toBe(method);
  });

  it.each(['client_secret_basic', 'client_secret_post'] as const)('%s needs a secret', (method) => {
    expect(() => chooseMethod(method, '')).toThrow(expect.objectContaining({ code: 'config_invalid' }));
  });
});

describe('client authentication', () => {
  it('by Basic encodes id and secret one by one first (RFC 6749 section 2.3.1)', () => {
    const text = fc.string({ unit: 'grapheme' });
    fc.assert(
      fc.property(text, text, (id, secret) => {
        const { authorization = '', body } = authenticate('client_secret_basic', id, secret);
        const [left = '', right = '', ...more] = Buffer.from(authorization.slice(6), 'base64').toString().split(':');
        expect([decodeURIComponent(left), decodeURIComponent(right), more]).toEqual([id, secret, []]);
        expect(body).toEqual([]);
      }),
    );
    const { authorization = '' } = authenticate('client_secret_basic', 'a:b', 'c%d e');
    expect(Buffer.from(authorization.slice(6), 'base64').toString()).toBe('a%3Ab:c%25d%20e');
  });

  it('by POST puts both into the form, and none only the id', () => {
    expect(authenticate('client_secret_post', 'id', 's')).toEqual({
      body: [
        ['client_id', 'id'],
        ['client_secret', 's'],
      ],
    });
    expect(authenticate('none', 'id', 's')).toEqual({ body: [['client_id', 'id']] });
  });
});
