import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { settings } from '../../../src/config/settings';
import handlers from '../../../src/plus/index';
import { plusTemplate } from '../../support/plus/site';

interface Directive {
  name: string;
  args: string[];
  block: string[];
}

/** The directives of a configuration, each with the blocks around it; map and log_format contents apart. */
function directives(conf: string): Directive[] {
  const tokens = conf.match(/#[^\n]*|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[{};]|[^\s{};"']+/g) ?? [];
  const found: Directive[] = [];
  const block: string[] = [];
  let words: string[] = [];
  for (const token of tokens.filter((one) => !one.startsWith('#'))) {
    if (token === '}') {
      block.pop();
    } else if (token === '{' || token === ';') {
      if (block.at(-1) !== 'map') found.push({ name: words[0] ?? '', args: words.slice(1), block: [...block] });
      if (token === '{') block.push(words[0] ?? '');
      words = [];
    } else {
      words.push(token.replace(/^(["'])(.*)\1$/s, '$2'));
    }
  }
  expect(block).toEqual([]);
  return found;
}

const names = ['openid_connect_configuration.conf', 'frontend.conf', 'openid_connect.server_conf'];
const texts = Object.fromEntries(names.map((name) => [name, plusTemplate(name)]));
const all = Object.values(texts).flatMap(directives);
const withComments = Object.values(texts).map((text) => text.replace(/^(\s*)# (?=(?:set|auth_jwt)\b)/gm, '$1'));
const everything = withComments.flatMap(directives);
const argsOf = (name: string, of = all) => of.filter((one) => one.name === name).map(({ args }) => args);
const sources = readdirSync(new URL('../../../src/plus/', import.meta.url))
  .map((file) => readFileSync(new URL(`../../../src/plus/${file}`, import.meta.url), 'utf8'))
  .join('\n');

/** Of NGINX, njs and, after the bar, of NGINX Plus alone. */
const known =
  'access_log add_header allow deny error_page include internal js_content js_import listen location log_format map ' +
  'proxy_buffer_size proxy_buffers proxy_cache proxy_cache_background_update proxy_cache_lock proxy_cache_path ' +
  'proxy_cache_use_stale proxy_cache_valid proxy_connect_timeout proxy_ignore_headers proxy_method proxy_pass ' +
  'proxy_pass_request_body proxy_pass_request_headers proxy_read_timeout proxy_set_header proxy_ssl_server_name ' +
  'proxy_ssl_trusted_certificate proxy_ssl_verify proxy_ssl_verify_depth resolver return server set ' +
  'subrequest_output_buffer_size upstream zone default_type client_max_body_size client_body_buffer_size | ' +
  'api auth_jwt auth_jwt_key_file auth_jwt_key_request keyval keyval_zone status_zone';

const builtIn =
  'remote_addr time_local request_method request_uri server_protocol status body_bytes_sent scheme host server_port request_id cookie_auth_token';

describe('the templates for NGINX Plus', () => {
  it('hold only directives that NGINX Plus knows', () => {
    expect(everything.map(({ name }) => name).filter((name) => !known.split(' ').includes(name))).toEqual([]);
  });

  it('name only handlers that the bundle has, and every one that a location needs', () => {
    const served = argsOf('js_content').map(([handler]) => handler?.replace('oidc.', ''));
    expect(served.filter((name) => !Object.hasOwn(handlers, name ?? ''))).toEqual([]);
    const unused = Object.keys(handlers).filter((name) => !served.includes(name));
    // For the operator who uncomments it, and for configurations that are there already.
    expect(unused).toEqual(['checkConfiguration', 'extractTokenClaims']);
  });

  it('have every location that the handlers and other directives go to', () => {
    const locations = argsOf('location').map((args) => args.join(' '));
    const isThere = (path: string) =>
      locations.some((one) =>
        one.startsWith('~ ') ? new RegExp(one.slice(2)).test(path) : one === `= ${path}` || one === path,
      );
    const wanted = [
      ...argsOf('error_page').map((args) => args.at(-1)?.replace(/^=/, '') ?? ''),
      ...argsOf('auth_jwt_key_request').map(([path = '']) => path),
      ...[...sources.matchAll(/'(\/_\w+)'/g)].map(([, path = '']) => path),
      '/front_channel_logout',
      '/_logout',
      '/api/',
    ];
    expect(wanted.filter((path) => !isThere(path))).toEqual([]);
  });

  it('declare every variable that they and the handlers use', () => {
    const declared = new Set([
      ...argsOf('set', everything).map(([name]) => name?.slice(1)),
      ...argsOf('map').map(([, name]) => name?.slice(1)),
      ...argsOf('keyval').map(([, name]) => name?.slice(1)),
      ...builtIn.split(' '),
    ]);
    const isKnown = (name: string) => declared.has(name) || /^(?:http|arg|jwt_claim)_/.test(name);
    const used = all.flatMap(({ args }) =>
      args.flatMap((arg) => [...arg.matchAll(/\$([a-z]\w*)/g)].map(([, name = '']) => name)),
    );
    expect(used.filter((name) => !isKnown(name))).toEqual([]);
    const declaration = /export interface PlusVariables \{(.*?)\n\}/s.exec(sources)?.[1] ?? '';
    const handled = [...declaration.matchAll(/^ {2}(\w+)\??:/gm)].map(([, name = '']) => name);
    const elsewhere = ['internal_error_message', 'jwt_audience']; // only of configurations that are there already
    expect(handled.filter((name) => !isKnown(name) && !elsewhere.includes(name))).toEqual([]);
  });

  it('set only settings that there are', () => {
    const set = argsOf('set', everything).map(([name = '']) => name.slice(1));
    const own = [
      'oidc_log_format',
      'oidc_debug',
      'zone_sync_leeway',
      'redir_location',
      'redirect_base',
      'pkce_id',
      'idp_sid',
    ];
    expect(set.filter((name) => !(name.replace('oidc_', '') in settings) && !own.includes(name))).toEqual([]);
  });

  it('have a zone for every keyval, and a state file and a timeout for every zone of sessions', () => {
    const zones = Object.fromEntries(
      argsOf('keyval_zone').map(([zone = '', ...rest]) => [zone.split(/[=:]/)[1], rest]),
    );
    for (const [, , zone = ''] of argsOf('keyval')) expect(Object.keys(zones)).toContain(zone.replace('zone=', ''));
    for (const name of ['oidc_id_tokens', 'oidc_access_tokens', 'refresh_tokens', 'oidc_sids']) {
      expect(zones[name]).toEqual([expect.stringMatching(/^state=/), expect.stringMatching(/^timeout=/)]);
    }
  });

  it('verify the certificate of the provider, and pass it nothing of the person', () => {
    const inProvider = (name: string) => all.filter((one) => one.name === name && one.block.at(-1) === 'location');
    const calls = argsOf('proxy_pass').filter(([target = '']) => target.startsWith('$oidc_'));
    expect(calls).toHaveLength(3);
    expect(inProvider('proxy_ssl_verify').map(({ args }) => args)).toEqual([['on'], ['on'], ['on']]);
    expect(inProvider('proxy_pass_request_headers').map(({ args }) => args)).toEqual([['off'], ['off'], ['off']]);
  });

  it('let only this machine use the API', () => {
    const conf = texts['openid_connect.server_conf'] ?? '';
    expect(conf).toMatch(
      /location \/api\/ \{\n {4}api write=on;\n {4}allow 127\.0\.0\.1;\n {4}allow ::1;\n {4}deny all;\n\}/,
    );
  });

  it('offer the two ways to the keys of the guide, by URL unless told', () => {
    const conf = texts['frontend.conf'] ?? '';
    expect(conf).toMatch(/^ +# auth_jwt_key_file \$oidc_jwt_keyfile;$/m);
    expect(conf).toMatch(/^ +auth_jwt_key_request \/_jwks_uri;$/m);
  });
});
