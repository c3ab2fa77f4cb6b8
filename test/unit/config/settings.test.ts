import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readSetting } from '../../../src/config/config';
import { documentation } from '../../../src/config/documentation';
import { type SettingName, settings } from '../../../src/config/settings';

const names = Object.keys(settings) as SettingName[];
const read = <K extends SettingName>(name: K, value?: string) =>
  readSetting(name, (variable) => (variable === `oidc_${name}` ? value : undefined));
const refused = (name: string) =>
  expect.objectContaining({ code: 'config_invalid', detail: expect.stringContaining(`$oidc_${name} must be`) });

describe('a setting', () => {
  it.each(names)('$oidc_%s has a default that it accepts, and a line in the documentation', (name) => {
    expect(() => read(name)).not.toThrow();
    expect(documentation[name].text.length).toBeGreaterThan(10);
  });

  it.each(names)('$oidc_%s that is set to nothing is as if it were not set', (name) => {
    expect(read(name, '')).toEqual(read(name));
  });

  it.each(names)('$oidc_%s of any text is a value or names itself in the error', (name) => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          read(name, text);
        } catch (error) {
          expect(error).toMatchObject({ code: 'config_invalid', detail: expect.stringContaining(`$oidc_${name} `) });
        }
      }),
    );
  });
});

describe("the session cookie's settings", () => {
  it.each(['auth_token', 'shop', 'a', 'A-1_b', 'oidc_session', 'x'.repeat(40)])('may name it %j', (name) => {
    expect(read('cookie_name', name)).toBe(name);
  });

  it.each([
    ...['a b', 'a=b', 'a;b', 'ü', 'a.b', 'x'.repeat(41), '__Host-a', '__Secure-a', '__x', ' a', 'a\n'],
    ...['oidc_attempts', 'oidc_provider', 'oidc_person', 'oidc_login_', 'oidc_login_x'],
  ])('cannot name it %j', (name) => {
    expect(() => read('cookie_name', name)).toThrow(refused('cookie_name'));
  });

  it('give it a domain, in lower case', () => {
    expect(['example.com', 'A.Example.COM', 'a-b.xn--p1ai'].map((one) => read('cookie_domain', one))).toEqual([
      'example.com',
      'a.example.com',
      'a-b.xn--p1ai',
    ]);
  });

  it.each([
    ...['localhost', 'com', '127.0.0.1', '10.1', '::1', '[::1]', '.example.com', 'example.com.', 'example.com:443'],
    ...['https://example.com', 'a b.com', 'a..com', '-a.com', 'a-.com', 'a.com;x', 'a.com\n', '*.example.com', 'ä.com'],
    `${'x'.repeat(64)}.com`,
    `${'x.'.repeat(130)}com`,
  ])('give it no domain %j', (domain) => {
    expect(() => read('cookie_domain', domain)).toThrow(refused('cookie_domain'));
  });
});

describe('a setting of seconds', () => {
  it.each(['-1', '1e3', '30s', '0x10', '1.5', ' 30', '301', '99999999999', 'NaN'])('is not %j', (text) => {
    expect(() => read('clock_skew', text)).toThrow(refused('clock_skew'));
  });

  it.each([
    ['0', 0],
    ['300', 300],
    ['030', 30],
  ])('may be %s', (text, value) => {
    expect(read('clock_skew', text)).toBe(value);
  });

  it('keeps its bounds', () => {
    expect(() => read('session_timeout', '59')).toThrow(refused('session_timeout'));
    expect(() => read('session_timeout', '2592001')).toThrow(refused('session_timeout'));
    expect(() => read('provider_timeout', '0')).toThrow(refused('provider_timeout'));
  });
});

describe('a setting that is a size', () => {
  it.each([
    ['off', 0],
    ['0', 0],
    ['1000', 1000],
    ['512k', 524288],
    ['2M', 2097152],
  ])('may be %s', (text, value) => {
    expect(read('keep_post', text)).toBe(value);
  });

  it.each(['-1', '3m', '2097153', '1g', '1.5m', 'on', 'k', '1 m'])('is not %j', (text) => {
    expect(() => read('keep_post', text)).toThrow(refused('keep_post'));
  });
});

describe('a setting that is on or off', () => {
  it.each([
    ['1', true],
    ['on', true],
    ['0', false],
    ['off', false],
  ])('is read from %s', (text, value) => {
    expect(read('pkce_enable', text)).toBe(value);
  });

  it.each(['true', 'yes', 'ON', '2'])('is not %j', (text) => {
    expect(() => read('pkce_enable', text)).toThrow(refused('pkce_enable'));
  });

  it('is safe by default', () => {
    expect(read('pkce_enable')).toBe(true);
    expect(read('insecure_http_provider')).toBe(false);
    expect(read('clock_skew')).toBeLessThanOrEqual(60);
    expect(read('id_token_algs').filter((alg) => /^HS|none/i.test(alg))).toEqual([]);
  });
});

describe('the algorithms to accept', () => {
  it.each(['RS256', 'RS256 ES512', 'HS256+RS256', 'EdDSA Ed25519'])('may be %j', (text) => {
    expect(read('id_token_algs', text)).toEqual(text.split(/[ +]/));
  });

  it.each(['Ed448', 'RS256 RS265', 'none', 'RS256,ES256', 'rs256', '__proto__'])('are never %j', (text) => {
    expect(() => read('id_token_algs', text)).toThrow(refused('id_token_algs'));
  });
});

describe('a setting that is one character', () => {
  it.each([' ', '||', 'ä', '\n', '\t'])('is not %j', (text) => {
    expect(() => read('list_separator', text)).toThrow(refused('list_separator'));
  });

  it.each(['|', ';', ','])('may be %s', (text) => {
    expect(read('list_separator', text)).toBe(text);
  });
});

describe('a setting that is a URL', () => {
  it.each(['https://idp.test', 'https://idp.test/', 'http://127.0.0.1:9000/x?y=z', 'https://[::1]:8443/x'])(
    'may be %s',
    (text) => {
      expect(read('issuer', text)).toBe(text);
    },
  );

  it.each([
    'idp.test',
    '//idp.test',
    'ftp://idp.test',
    'https://',
    'https://a b',
    'https://user@idp.test',
    'https://x/#y',
    'javascript:1',
  ])('is not %j', (text) => {
    expect(() => read('issuer', text)).toThrow(refused('issuer'));
  });
});

describe('other settings', () => {
  it('that are words are separated by spaces or plus signs', () => {
    expect(read('scopes', 'openid+profile  email')).toEqual(['openid', 'profile', 'email']);
  });

  it('that are a choice know no other', () => {
    expect(read('client_auth_method', 'client_secret_post')).toBe('client_secret_post');
    expect(() => read('client_auth_method', 'private_key')).toThrow(refused('client_auth_method'));
    expect(() => read('logout_style', 'OIDC')).toThrow(refused('logout_style'));
  });
});

describe('a setting for the page that lets people choose', () => {
  it.each(['data:image/png;base64,iVBORw0KGgo=', 'data:image/svg+xml;base64,PHN2Zz4='])(
    'may be the logo %s',
    (logo) => {
      expect(read('provider_logo', logo)).toBe(logo);
    },
  );

  it.each([
    'https://acme.example/logo.png',
    'data:text/html;base64,PHNjcmlwdD4=',
    'data:image/svg+xml,<svg onload=alert(1)>',
    'data:image/png;base64,"><script>',
    'javascript:alert(1)',
  ])('has no logo %s', (logo) => expect(() => read('provider_logo', logo)).toThrow(refused('provider_logo')));

  it('has domains in any case, and nothing that is none', () => {
    expect(read('provider_domains', 'Acme.Example acme.co.uk')).toEqual(['acme.example', 'acme.co.uk']);
    for (const domain of ['acme', '*.acme.example', '@acme.example', '.example']) {
      expect(() => read('provider_domains', domain)).toThrow(refused('provider_domains'));
    }
  });

  it('has names that may stand in an address', () => {
    expect(read('providers', 'acme  globex-2')).toEqual(['acme', 'globex-2']);
    for (const name of ['Acme', 'a/b', '../a', 'a%2f', '-a', 'a'.repeat(41)]) {
      expect(() => read('providers', name)).toThrow(refused('providers'));
    }
  });
});
