import { quoted } from '../../scripts/site/configure';
import { type Choices, type Problems, problemsOf } from './choices';
import { replaceFound, uncomment } from './conf-text';
import { frontend, hasQuickJs } from './frontend';
import { providerOf } from './providers';

/** The shipped files, as text. */
export interface Templates {
  frontend: string;
  server: string;
  storeConf: string;
  storeLocation: string;
}

/** A file, or lines of one. */
export interface Lines {
  /** below /etc/nginx */
  file: string;
  /** what to do with it */
  how: string;
  text: string;
}

/** What the helper answers to choices that have no problems. */
export interface Answer {
  /** in the order in which somebody does them */
  files: Lines[];
  /** for a shell, as root */
  commands: string;
  /** what to register at the provider: name and value */
  register: [string, string][];
  notes: string[];
}

/**
 * What to install, register and write for these choices.
 * @returns the answer, or what is wrong, by field
 * @throws an Error where the shipped files lack a line that is changed
 */
export function linesFor(choices: Choices, templates: Templates): { answer: Answer } | { problems: Problems } {
  const problems = problemsOf(choices);
  if (Object.keys(problems).length > 0) return { problems };
  const files = [nginxConf(choices), ...storeFiles(choices, templates)].filter(({ text }) => text !== '');
  return {
    answer: {
      files: [
        ...files,
        {
          file: 'conf.d/frontend.conf',
          how: 'Save it in place of the shipped one.',
          text: frontend(choices, templates),
        },
      ],
      commands: commands(choices),
      register: registration(choices),
      notes: notes(choices),
    },
  };
}

/** Debian's packages load their modules by themselves, by files in modules-enabled. */
function nginxConf(choices: Choices): Lines {
  const modules = ['ngx_http_js_module', ...(choices.store === '' ? [] : ['ngx_stream_js_module'])];
  const isDebian = choices.nginx === 'debian-13' || choices.nginx === 'debian';
  const lines = [
    ...(isDebian ? [] : modules.map((name) => `load_module modules/${name}.so;`)),
    ...(choices.store === '' ? [] : ['include conf.d/openid_connect.store_conf;']),
  ];
  return { file: 'nginx.conf', how: 'Add at the top of the file.', text: lines.map((line) => `${line}\n`).join('') };
}

function storeFiles(choices: Choices, templates: Templates): Lines[] {
  if (choices.store === '') return [];
  let conf = replaceFound(templates.storeConf, /proxy_pass 127\.0\.0\.1:6379;/, `proxy_pass ${choices.store};`);
  if (!hasQuickJs(choices)) conf = replaceFound(conf, /^ *js_engine qjs;.*\n/m, '');
  if (choices.storeTls) {
    conf = uncomment(conf, /^ *# proxy_ssl(?:_verify|_verify_depth|_server_name|_name|_trusted_certificate)? .*$/gm);
    conf = replaceFound(conf, /proxy_ssl_name [^;]+;/, `proxy_ssl_name ${choices.store.replace(/:\d+$/, '')};`);
  }
  const location = replaceFound(
    templates.storeLocation,
    /(?<=Store-Password )"";/,
    `${quoted(choices.storePassword)};`,
  );
  const how = 'Save it in place of the shipped one, on each machine.';
  return [
    { file: 'conf.d/openid_connect.store_conf', how, text: conf },
    { file: 'conf.d/openid_connect.store_location', how: `${how} Readable by root alone: chmod 600.`, text: location },
  ];
}

const packages = {
  'debian-13': ['nginx libnginx-mod-http-js', 'libnginx-mod-stream libnginx-mod-stream-js'],
  debian: ['nginx libnginx-mod-http-js', 'libnginx-mod-stream libnginx-mod-stream-js'],
  'nginx.org': ['nginx nginx-module-njs', ''],
  plus: ['nginx-plus nginx-plus-module-njs', ''],
} as const;

function commands(choices: Choices): string {
  const [needed, forStore] = packages[choices.nginx];
  const script = hasQuickJs(choices) ? 'openid_connect.js' : 'openid_connect_njs.js';
  const files = [script, 'openid_connect.server_conf', 'openid_connect.texts'];
  if (choices.check) files.push('openid_connect_operator.js');
  if (choices.store !== '') files.push('openid_connect_store.js');
  const key = [
    'mkdir -p /etc/nginx/oidc',
    'openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out /etc/nginx/oidc/client.pem',
    `chown root:${choices.nginx.startsWith('debian') ? 'www-data' : 'nginx'} /etc/nginx/oidc/client.pem`,
    'chmod 640 /etc/nginx/oidc/client.pem',
  ];
  return [
    `apt install ${[needed, choices.store === '' ? '' : forStore].filter(Boolean).join(' ')}`,
    `cp -r ${files.join(' ')} /etc/nginx/conf.d/`,
    ...(choices.profile === 'none' ? [] : key),
    'nginx -t && nginx -s reload',
  ].join('\n');
}

function registration(choices: Choices): [string, string][] {
  const { signOutCalls = [] } = providerOf(choices.provider);
  const names = { back_channel_logout: 'Back-channel logout URI', front_channel_logout: 'Front-channel logout URI' };
  return [
    ['Redirect URI', `${choices.site}/_codexch`],
    ['After sign-out (post-logout redirect URI)', `${choices.site}/_logout`],
    ...(choices.signOutEverywhere ? signOutCalls : []).map((call): [string, string] => [
      names[call],
      `${choices.site}/${call}`,
    ]),
    ...(choices.profile === 'none'
      ? []
      : [['Public keys (jwks_uri)', `${choices.site}/_oidc_jwks`] as [string, string]]),
  ];
}

function notes(choices: Choices): string[] {
  const { note, signOutCalls = [] } = providerOf(choices.provider);
  const said: [boolean, string][] = [
    [note !== undefined, note ?? ''],
    [choices.profile !== 'none', 'The provider must offer FAPI 2.0: not every one does.'],
    [
      choices.nginx === 'plus',
      'These are the files for open-source NGINX, which NGINX Plus runs as well. With njs 0.9 or newer, add js_engine qjs; at the top of frontend.conf, and copy and import openid_connect.js in place of openid_connect_njs.js.',
    ],
    [choices.store !== '', 'All machines get the same files, the same $oidc_hmac_key among them.'],
    [choices.keepSignedIn === 'ask', 'Whoever signs in by the link /_oidc_login?return=/&keep=1 stays signed in.'],
    [choices.signOutEverywhere, 'POST /logout?everywhere=1 ends the sessions of a person in all browsers.'],
    [
      choices.signOutEverywhere && signOutCalls.length === 0,
      'This provider does not tell when somebody signs out there.',
    ],
    [choices.check, `What the module sees, on the machine itself: ${checkCommand(choices)}`],
    [
      choices.nginx.startsWith('debian'),
      'With the Debian package of a release: write /usr/share/nginx-openid-connect/ for conf.d/ in what frontend.conf includes and imports, and save it as sites-available/openid_connect.conf.',
    ],
    [choices.behindBalancer, 'The balancer passes the Host header on. Nothing but the balancer may reach port 8010.'],
  ];
  return said.filter(([holds]) => holds).map(([, text]) => text);
}

function checkCommand({ site, behindBalancer }: Choices): string {
  const { hostname, port } = new URL(site);
  return behindBalancer
    ? `curl -H "Host: ${hostname}" http://127.0.0.1:8010/_oidc_check`
    : `curl --resolve ${hostname}:${port || 443}:127.0.0.1 ${site}/_oidc_check`;
}
