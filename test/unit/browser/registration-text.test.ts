// biome-ignore-all lint/suspicious/noTemplateCurlyInString: NGINX's own
import { describe, expect, it } from 'vitest';
import { registrationJson, registrationText } from '../../../src/browser/registration-text';

const registration = {
  clientId: 'abc',
  clientSecret: 'secret',
  secretExpires: 0,
  authMethod: 'client_secret_post',
  management: { uri: 'https://idp.test/reg/abc', token: 'TOKEN' },
  differences: [],
};
const of = (changes = {}, more = {}) => ({
  registration: { ...registration, ...changes },
  issuer: 'https://idp.test',
  provider: '',
  redirectUri: 'https://app.test/_codexch',
  address: 'http://127.0.0.1:8010/_oidc_register',
  ...more,
});

describe('a registration on the terminal', () => {
  it('is lines of the configuration, and comments', () => {
    const lines = registrationText(of()).trimEnd().split('\n');
    expect(lines.filter((line) => line !== '' && !line.startsWith('#'))).toEqual([
      'set $oidc_client "abc";',
      'set $oidc_client_secret "secret";',
      'set $oidc_client_auth_method "client_secret_post";',
    ]);
    expect(lines.at(-1)).toBe(
      "#   curl -H 'Authorization: Bearer TOKEN' -H 'Registration-Client-Uri: https://idp.test/reg/abc' http://127.0.0.1:8010/_oidc_register",
    );
  });

  it('quotes as NGINX reads it', () => {
    const text = registrationText(of({ clientSecret: 'a"b\\c$d' }));
    expect(text).toContain('set $oidc_client_secret "a\\"b\\\\c${oidc_dollar}d";\n');
    expect(text).toContain('# Needs, outside server {}:  geo $oidc_dollar { default "$"; }');
    expect(registrationText(of())).not.toContain('geo');
  });

  it('says when the secret ends, what differs, and for which of several providers it is', () => {
    const text = registrationText(
      of({ secretExpires: 1_900_000_000, differences: ['a is 1, not 2'], management: undefined }, { provider: 'acme' }),
    );
    expect(text).toContain('# The secret ends on 2030-03-17T17:46:40.000Z.\n');
    expect(text).toContain('# Other than asked: a is 1, not 2\n');
    expect(text).toContain('In the maps of $oidc_provider, for acme:');
    expect(text).toContain('no way to change or end the registration but its console');
    expect(registrationJson(of({ management: undefined }))).not.toContain('registration_access_token');
  });
});
