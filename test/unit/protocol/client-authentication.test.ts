import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assertionClaims, authenticate, chooseMethod } from '../../../src/protocol/client-authentication';

describe('the client authentication method', () => {
  const both = ['client_secret_basic', 'client_secret_post'];

  it.each([
    ['', 's', undefined, 'client_secret_basic'],
    ['', 's', both, 'client_secret_basic'],
    ['', 's', ['client_secret_post'], 'client_secret_post'],
    ['', 's', ['client_secret_post', 'private_key_jwt'], 'client_secret_post'],
    ['', 's', [], 'client_secret_basic'],
    ['', '', ['client_secret_basic'], 'none'],
    ['', '', ['private_key_jwt'], 'none'],
    ['client_secret_post', 's', ['client_secret_basic'], 'client_secret_post'],
    ['client_secret_basic', 's', ['private_key_jwt'], 'client_secret_basic'],
    ['none', 's', undefined, 'none'],
    ['none', '', undefined, 'none'],
    ['', 's', ['client_secret_jwt', 'private_key_jwt'], 'client_secret_jwt'],
    ['client_secret_jwt', 's', ['client_secret_basic'], 'client_secret_jwt'],
    ['tls_client_auth', '', undefined, 'tls_client_auth'],
    ['self_signed_tls_client_auth', '', undefined, 'self_signed_tls_client_auth'],
  ] as const)('configured %j with secret %j and metadata %j is %s', (configured, secret, supported, method) => {
    expect(chooseMethod(configured, { id: 'client', secret }, supported && [...supported])).toBe(method);
  });

  it.each(['a b', 'a+b', 'a:b', 'a%b', 'a/b', "a'b", 'ä'])('is post for %j, which basic would encode', (text) => {
    for (const credentials of [
      { id: 'client', secret: text },
      { id: text, secret: 's' },
    ]) {
      expect(chooseMethod('', credentials, both)).toBe('client_secret_post');
      expect(chooseMethod('', credentials, ['client_secret_basic'])).toBe('client_secret_basic');
      expect(chooseMethod('', credentials)).toBe('client_secret_basic');
      expect(chooseMethod('client_secret_basic', credentials, both)).toBe('client_secret_basic');
    }
  });

  it('is private_key_jwt where there is a key, unless told', () => {
    const credentials = { id: 'client', secret: 's', hasKey: true };
    expect(chooseMethod('', credentials, both)).toBe('private_key_jwt');
    expect(chooseMethod('', { ...credentials, secret: '' })).toBe('private_key_jwt');
    expect(chooseMethod('client_secret_post', credentials)).toBe('client_secret_post');
  });

  it('private_key_jwt needs a key', () => {
    expect(() => chooseMethod('private_key_jwt', { id: 'client', secret: 's' })).toThrow(/needs \$oidc_client_keyfile/);
  });

  it('is not guessed where the provider offers none that is known', () => {
    const offered = ['tls_client_auth', 'private_key_jwt'];
    expect(() => chooseMethod('', { id: 'client', secret: 's' }, offered)).toThrow(
      expect.objectContaining({
        code: 'config_invalid',
        detail: expect.stringMatching(
          /offers tls_client_auth, private_key_jwt\. Set \$oidc_client_keyfile .*\$oidc_client_auth_method/,
        ),
      }),
    );
  });

  it.each(['client_secret_basic', 'client_secret_basic_unencoded', 'client_secret_post', 'client_secret_jwt'] as const)(
    '%s needs a secret',
    (method) => {
      const refused = expect.objectContaining({ code: 'config_invalid' });
      expect(() => chooseMethod(method, { id: 'client', secret: '' })).toThrow(refused);
    },
  );

  it('client_secret_basic_unencoded cannot tell an id with a colon', () => {
    const refused = expect.objectContaining({ code: 'config_invalid' });
    expect(() => chooseMethod('client_secret_basic_unencoded', { id: 'a:b', secret: 's' })).toThrow(refused);
  });
});

describe('client authentication', () => {
  const decoded = (authorization = '') => Buffer.from(authorization.slice(6), 'base64').toString();

  it('by Basic encodes id and secret one by one first (RFC 6749 section 2.3.1)', () => {
    const text = fc.string({ unit: 'grapheme' });
    fc.assert(
      fc.property(text, text, (id, secret) => {
        const { authorization, body } = authenticate('client_secret_basic', { id, secret });
        const [left = '', right = '', ...more] = decoded(authorization).split(':');
        expect([decodeURIComponent(left), decodeURIComponent(right), more]).toEqual([id, secret, []]);
        expect(body).toEqual([]);
      }),
    );
    const { authorization } = authenticate('client_secret_basic', { id: 'a:b', secret: 'c%d e' });
    expect(decoded(authorization)).toBe('a%3Ab:c%25d%20e');
  });

  it('by Basic unencoded sends them as they are', () => {
    const { authorization, body } = authenticate('client_secret_basic_unencoded', { id: 'a b', secret: 'c%d :+ä' });
    expect(decoded(authorization)).toBe('a b:c%d :+ä');
    expect(body).toEqual([]);
  });

  it.each(['private_key_jwt', 'client_secret_jwt'] as const)('by %s posts an assertion, and no secret', (method) => {
    expect(authenticate(method, { id: 'id', secret: 's' }, 'a.b.c').body).toEqual([
      ['client_id', 'id'],
      ['client_assertion_type', 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'],
      ['client_assertion', 'a.b.c'],
    ]);
  });

  it('by an assertion names the client twice, one audience, and a minute (RFC 7523)', () => {
    expect(assertionClaims('id', 'https://idp.test', 'j', 1000)).toEqual({
      iss: 'id',
      sub: 'id',
      aud: 'https://idp.test',
      jti: 'j',
      iat: 1000,
      exp: 1060,
    });
  });

  it.each(['tls_client_auth', 'self_signed_tls_client_auth'] as const)('by %s posts the id alone', (method) => {
    expect(authenticate(method, { id: 'id', secret: 's' })).toEqual({ body: [['client_id', 'id']] });
  });

  it('by POST puts both into the form, and none only the id', () => {
    expect(authenticate('client_secret_post', { id: 'id', secret: 's' })).toEqual({
      body: [
        ['client_id', 'id'],
        ['client_secret', 's'],
      ],
    });
    expect(authenticate('none', { id: 'id', secret: 's' })).toEqual({ body: [['client_id', 'id']] });
  });
});
