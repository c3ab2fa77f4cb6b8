import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Choices, defaultChoices, problemsOf } from '../../../site/helper/choices';
import { commentedLocation, replaceFound, uncomment } from '../../../site/helper/conf-text';
import { linesFor, type Templates } from '../../../site/helper/lines';
import { type ProviderId, providerOf, providers } from '../../../site/helper/providers';
import { root } from '../../../site/pages';
import { nginxBlocks } from '../../support/documentation-blocks';

const read = (name: string) => readFileSync(`${root}nginx/${name}`, 'utf8');
const templates: Templates = {
  frontend: read('frontend.conf'),
  server: read('openid_connect.server_conf'),
  storeConf: read('openid_connect.store_conf'),
  storeLocation: read('openid_connect.store_location'),
};
const key = 'k'.repeat(64);

function answerTo(more: Partial<Choices> = {}, provider: ProviderId = 'other') {
  const result = linesFor({ ...defaultChoices(provider), key, ...more }, templates);
  if ('problems' in result) throw new Error(JSON.stringify(result.problems));
  return result.answer;
}
const frontendOf = (more: Partial<Choices>, provider?: ProviderId) =>
  answerTo(more, provider).files.find(({ file }) => file === 'conf.d/frontend.conf')?.text ?? '';

describe('what the helper knows of providers', () => {
  const written = Object.keys(providers)
    .map((id) => providerOf(id as ProviderId))
    .filter(({ page }) => page !== undefined);
  const everywhere = ['oidc_issuer', 'oidc_client', 'oidc_client_secret', 'oidc_hmac_key', 'oidc_base_url'];

  it.each(written)('$name: the issuer and the settings are those of its page', ({ page, issuer, settings = {} }) => {
    const text = nginxBlocks(`docs/providers/${page}.md`)
      .map((block) => block.text)
      .join('\n');
    const set = [...text.matchAll(/^set \$(\w+)\s+"?([^";]*)"?;/gm)].map(([, name = '', value = '']) => [name, value]);
    expect(set).toContainEqual(['oidc_issuer', issuer]);
    for (const [name, value] of Object.entries(settings)) expect(set).toContainEqual([name, value]);
    const first = nginxBlocks(`docs/providers/${page}.md`)[0]?.text ?? '';
    const wanted = [...first.matchAll(/^set \$(\w+)/gm)]
      .map(([, name = '']) => name)
      .filter((name) => !everywhere.includes(name));
    // AD FS: the identifier of a Web API that only its administrator knows.
    expect(wanted.filter((name) => page !== 'ad-fs' && !(name in settings))).toEqual([]);
  });

  it.each(written)('$name: sign-out calls are those that docs/sign-out.md lists', ({ page, signOutCalls = [] }) => {
    const table =
      readFileSync(`${root}docs/sign-out.md`, 'utf8').split('### Who has what')[1]?.split('\n### ')[0] ?? '';
    const row = table.split('\n').find((line) => line.includes(`providers/${page}.md`)) ?? '';
    const [, , back = '', front = ''] = row.split('|').map((cell) => cell.trim());
    if (/metadata say/.test(row) || page === 'ping') return expect(signOutCalls).toEqual([]);
    if (signOutCalls.includes('back_channel_logout')) expect(back).not.toBe('no');
    if (signOutCalls.includes('front_channel_logout')) expect(front).not.toBe('no');
    expect(signOutCalls.length === 0).toBe(back === 'no' && front === 'no');
  });
});

describe('choices', () => {
  it.each<[keyof Choices, string]>([
    ['issuer', 'http://idp.example.com'],
    ['issuer', 'https://idp.example.com/"; evil on; #'],
    ['client', ' '],
    ['client', 'a\nb'],
    ['secret', 'pa$word'],
    ['key', 'short'],
    ['site', 'https://app.example.com/'],
    ['site', 'http://app.example.com'],
    ['site', 'app.example.com'],
    ['application', '127.0.0.1'],
    ['application', '127.0.0.1:80; evil on;'],
    ['resolver', '127.0.0.53; evil on'],
    ['groups', 'a"b'],
    ['groups', 'admins; email exists'],
    ['groupsClaim', 'groups any x'],
    ['store', '127.0.0.1:6379; evil on;'],
    ['storePassword', 'pa\0ss'],
    ['pageContact', 'ask <javascript:alert(1)>'],
    ['pageName', 'x'.repeat(300)],
  ])('%s cannot be %j', (field, value) => {
    const choices = { ...defaultChoices('other'), key, groups: 'admins', [field]: value };
    expect(Object.keys(problemsOf(choices))).toEqual([field]);
    expect(linesFor(choices, templates)).toEqual({ problems: { [field]: expect.stringMatching(/\S/) } });
  });

  it('of a provider without groups need the name of a claim for a rule', () => {
    const choices = { ...defaultChoices('google'), key, groups: 'admins' };
    expect(Object.keys(problemsOf(choices))).toEqual(['groupsClaim']);
    expect(problemsOf({ ...choices, groupsClaim: 'roles' })).toEqual({});
  });

  it.each(Object.keys(providers) as ProviderId[])('%s: what stands there at first is right', (provider) => {
    expect(problemsOf({ ...defaultChoices(provider), key })).toEqual({});
  });
});

describe('lines', () => {
  it('have the values, quoted as NGINX reads them', () => {
    const conf = frontendOf({ client: 'a "b" \\c', groups: 'admins Domain/Users or' });
    expect(conf).toContain('set $oidc_client "a \\"b\\" \\\\c";');
    expect(conf).toContain(`set $oidc_hmac_key "${key}";`);
    expect(conf).toContain(`set $oidc_require "groups any admins Domain/Users 'or'";`);
    expect(conf).not.toContain('<--');
  });

  it('name the claim with the groups everywhere', () => {
    const conf = frontendOf({ groups: 'admins' }, 'cognito');
    expect(conf).toContain('"cognito:groups any admins"');
    expect(conf).toContain('X-Groups  $oidc_claim_cognito_groups;');
    expect(conf).not.toMatch(/oidc_claim_groups/);
  });

  it('end TLS here, or leave that to a balancer', () => {
    expect(frontendOf({ site: 'https://shop.example.org' })).toMatch(
      /listen 443 ssl;\n {4}server_name shop\.example\.org;\n {4}ssl_certificate +\S+\/shop\.example\.org\.pem;/,
    );
    const behind = frontendOf({ behindBalancer: true });
    expect(behind).toMatch(/listen 8010;\n {4}server_name app\.example\.com;\n {4}# ssl_certificate /);
  });

  it('pass the token on only when asked to', () => {
    expect(frontendOf({})).toMatch(/^ +proxy_set_header Authorization "";/m);
    expect(frontendOf({})).toMatch(/^# auth_request_set \$access_token/m);
    expect(frontendOf({ accessToken: true })).toMatch(/^ +proxy_set_header Authorization "Bearer \$access_token";/m);
    expect(frontendOf({ accessToken: true })).toMatch(/^auth_request_set \$access_token/m);
  });

  it('of a profile have a key and no secret', () => {
    const answer = answerTo({ profile: 'fapi2', secret: 'not this' });
    const text = JSON.stringify(answer);
    expect(text).not.toContain('not this');
    expect(frontendOf({ profile: 'fapi2' })).toContain('set $oidc_client_secret "";');
    expect(answer.commands).toContain('openssl genpkey');
    expect(answer.register).toContainEqual(['Public keys (jwks_uri)', 'https://app.example.com/_oidc_jwks']);
  });

  it.each([
    ['debian-13', [], false],
    ['debian', [], true],
    ['nginx.org', ['load_module modules/ngx_http_js_module.so;'], true],
    ['plus', ['load_module modules/ngx_http_js_module.so;'], false],
  ] as const)('fit the NGINX: %s', (nginx, lines, hasEngine) => {
    const { files } = answerTo({ nginx });
    const conf = files.find(({ file }) => file === 'nginx.conf')?.text ?? '';
    expect(conf.split('\n').filter(Boolean)).toEqual(lines);
    expect(/^js_engine qjs;/m.test(frontendOf({ nginx }))).toBe(hasEngine);
    const script = hasEngine ? 'openid_connect.js' : 'openid_connect_njs.js';
    expect(frontendOf({ nginx })).toContain(`js_import oidc from conf.d/${script};`);
    expect(answerTo({ nginx }).commands).toContain(`cp -r ${script} `);
  });

  it('for several machines are files for the store as well', () => {
    const store = {
      store: 'redis.example.com:6379',
      storePassword: 'p"w',
      storeTls: true,
      nginx: 'nginx.org' as const,
    };
    const { files, commands } = answerTo(store);
    const text = (name: string) => files.find(({ file }) => file === name)?.text ?? '';
    expect(text('nginx.conf')).toContain(
      'load_module modules/ngx_stream_js_module.so;\ninclude conf.d/openid_connect.store_conf;',
    );
    expect(text('conf.d/openid_connect.store_conf')).toMatch(/^ +proxy_ssl_name redis\.example\.com;/m);
    expect(text('conf.d/openid_connect.store_location')).toContain('Store-Password "p\\"w";');
    expect(text('conf.d/frontend.conf').match(/^ +include conf\.d\/openid_connect\.store_location;/gm)).toHaveLength(2);
    expect(commands).toContain('openid_connect_store.js');
    expect(answerTo().files.map(({ file }) => file)).toEqual(['conf.d/frontend.conf']);
  });

  it('register what signs people out only where the provider has it', () => {
    const calls = (provider: ProviderId) =>
      answerTo({ signOutEverywhere: true }, provider).register.filter(([name]) => /channel/.test(name));
    expect(calls('keycloak')).toEqual([['Back-channel logout URI', 'https://app.example.com/back_channel_logout']]);
    expect(calls('google')).toEqual([]);
  });

  it('say how to see the check page', () => {
    const notes = (more: Partial<Choices>) => answerTo({ check: true, ...more }).notes.join('\n');
    expect(notes({})).toContain('curl --resolve app.example.com:443:127.0.0.1 https://app.example.com/_oidc_check');
    expect(notes({ behindBalancer: true })).toContain(
      'curl -H "Host: app.example.com" http://127.0.0.1:8010/_oidc_check',
    );
    expect(notes({ check: false })).not.toContain('curl');
  });

  it('listen at the port of the address', () => {
    expect(frontendOf({ site: 'https://app.example.com:8443' })).toMatch(/^ +listen 8443 ssl;/m);
  });
});

describe('a template that lacks what is changed', () => {
  it.each([
    () => uncomment('listen 80;', /^# upstream .*$/m),
    () => commentedLocation('location = /_oidc_check {\n}', '= \\/_oidc_check'),
    () => replaceFound('a', /b/, 'c'),
    () => linesFor({ ...defaultChoices('other'), key, check: true }, { ...templates, server: '' }),
  ])('is an error, not a file without it (%#)', (change) => {
    expect(change).toThrow(/template/);
  });
});
