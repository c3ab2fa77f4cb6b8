// Writes what the image needs besides the shipped files into a folder: site.conf.template, which is the shipped
// frontend.conf with ${VARIABLES} in place of its values, and openid_connect.settings, the names of all settings.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { settings } from '../../src/config/settings';
import { configureSite } from '../site/configure';

const [folder = ''] = process.argv.slice(2);
const dist = fileURLToPath(new URL('../../dist/', import.meta.url));
writeFileSync(join(folder, 'site.conf.template'), siteTemplate(readFileSync(join(dist, 'frontend.conf'), 'utf8')));
writeFileSync(join(folder, 'openid_connect.settings'), `${Object.keys(settings).join('\n')}\n`);

function siteTemplate(frontendConf: string): string {
  const conf = configureSite(frontendConf, {
    jsEngine: false,
    listen: placeholder('listen'),
    upstream: '$UPSTREAM',
    accessLog: '/dev/stdout oidc',
    variables: ['access_token', 'id_token', 'oidc_session_expires', 'oidc_session_renews'],
  })
    .replace(/^\s*#.*\n/gm, '')
    .replace(/[ \t]+#.*$/gm, '');
  const edits: Array<[RegExp, string]> = [
    [/^\s*set \$oidc_\w+ .*\n/gm, ''],
    [/^\s*resolver .*\n/m, ''],
    [/^\s*underscores_in_headers .*\n/m, '\n'], // a file in site.d may have one
    [/\bopenid_connect(?:_njs)?\.js;/, `${placeholder('script')};`],
    [/(zone=oidc_sessions:[^;]*);/, `$1${placeholder('state')};`],
    [
      /(include conf\.d\/openid_connect\.server_conf;\n)/,
      `$1${placeholder('settings')}    ${placeholder('store_location')}\n`,
    ],
    [/(large_client_header_buffers 4 64k;\n)/, `$1    ${placeholder('store_location')}\n`],
    [/(\n\s*listen \$\{OIDC_LISTEN\};\n)/, '$1    include site.d/*.conf;\n'],
  ];
  const site = edits.reduce((text, [pattern, replacement]) => {
    if (text.search(pattern) < 0) throw new Error(`frontend.conf has nothing like ${pattern}`);
    return text.replace(pattern, replacement);
  }, conf);
  return `${['js_engine', 'resolver'].map((name) => `${name} ${placeholder(name)};\n`).join('')}${placeholder('store_upstream')}\ngeo $oidc_dollar { default "$"; }\n${site}`;
}

function placeholder(name: string): string {
  return `\${OIDC_${name.toUpperCase()}}`;
}
