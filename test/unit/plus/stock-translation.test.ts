import { describe, expect, it } from 'vitest';
import { plusTemplate } from '../../support/plus/site';
import { standInFiles, stockConfiguration } from '../../support/plus/stock-translation';

describe('the translation of a Plus configuration for stock NGINX', () => {
  it.each([
    ['keyval_zone zone=a:1M state=f.json timeout=8h;', 'js_shared_dict_zone zone=a:1M timeout=8h state=f.json;'],
    ['keyval_zone zone=a:128K timeout=90s sync;', 'js_shared_dict_zone zone=a:128K timeout=90s;'],
    [
      'keyval $cookie_auth_token $session_jwt   zone=a;',
      'js_set $session_jwt standin.keyval_session_jwt nocache;map $cookie_auth_token $indexed_session_jwt { default ""; };',
    ],
    ['    js_content oidc.auth;', '    js_content standin.auth;'],
    ['location / { auth_jwt "" token=$session_jwt; }', 'location / { auth_request /_auth_jwt; }'],
    ['auth_jwt_claim_set $jwt_audience aud;', 'js_set $jwt_audience standin.claim_aud nocache;'],
  ])('%s', (plus, stock) => {
    expect(stockConfiguration(plus).replace(';;', ';')).toBe(stock.replace('};', '}'));
  });

  it.each(['auth_jwt_key_request /_jwks_uri;', 'auth_jwt_key_file $oidc_jwt_keyfile;', 'status_zone "OIDC start";'])(
    'leaves out %s',
    (line) => expect(stockConfiguration(line)).toMatch(/^;?$/),
  );

  it('leaves comments and all that stock NGINX knows as it is', () => {
    const conf = '# auth_jwt "" token=$x;\n  proxy_pass $oidc_token_endpoint;\nset $a "x; y z; b";\n';
    expect(stockConfiguration(conf)).toBe(conf);
  });

  it.each([
    'auth_jwt "" token=$sesion_jwt;',
    'keyval cookie $session_jwt zone=a;',
    'api write;',
    'keyval_zone zone=a;b',
  ])('refuses what no rule knows: %s', (line) =>
    expect(() => stockConfiguration(line.replace(';b', ':;'))).toThrow(/^no rule for/),
  );

  it('knows every Plus directive of the templates, and each keyval of theirs', () => {
    for (const name of ['frontend.conf', 'openid_connect.server_conf', 'openid_connect_configuration.conf']) {
      expect(stockConfiguration(plusTemplate(name))).not.toMatch(/^\s*(?:auth_jwt|keyval|api|status_zone)/m);
    }
    const { 'conf.d/keyvals.js': keyvals } = standInFiles(plusTemplate('openid_connect_configuration.conf'));
    expect(keyvals?.match(/"zone"/g)).toHaveLength(8);
  });
});
