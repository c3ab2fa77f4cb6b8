import { configureSite } from '../../scripts/site/configure';
import type { Choices } from './choices';
import { commentedBlock, commentedLocation, insertBefore, replaceFound, uncomment } from './conf-text';
import type { Templates } from './lines';
import { providerOf } from './providers';

const siteLocation = /^ {4}location \/ \{/m;

/** frontend.conf as shipped, with what was chosen in it. The choices have no problems. */
export function frontend(choices: Choices, templates: Templates): string {
  const withoutSecret = choices.profile !== 'none';
  let conf = configureSite(templates.frontend, {
    set: {
      oidc_issuer: choices.issuer,
      oidc_client: choices.client,
      oidc_client_secret: withoutSecret ? '' : choices.secret,
      oidc_hmac_key: choices.key,
      oidc_base_url: choices.site,
    },
    alsoSet: {
      ...(choices.pageContact === '' ? {} : { oidc_page_contact: choices.pageContact }),
      ...(choices.pageName === '' ? {} : { oidc_page_name: choices.pageName }),
    },
    upstream: choices.application,
    resolver: `${choices.resolver} valid=60s ipv6=off`,
    ...(choices.behindBalancer ? {} : { listen: `${new URL(choices.site).port || 443} ssl` }),
    ...(hasQuickJs(choices) ? {} : { jsEngine: false as const }),
    ...(choices.accessToken ? { variables: ['access_token'] } : {}),
    ...(choices.accessToken ? { proxyHeaders: { Authorization: 'Bearer $access_token' } } : {}),
  });
  conf = insertBefore(conf, /^ {4}resolver /m, settingLines(choices));
  conf = tls(conf, choices);
  if (choices.groupsClaim !== '' && choices.groupsClaim !== 'groups') {
    const name = choices.groupsClaim.replace(/[^A-Za-z0-9_]/g, '_');
    conf = replaceFound(conf, /oidc_claim_groups\b/g, `oidc_claim_${name}`);
  }
  if (choices.audience !== '') {
    conf = uncomment(conf, commentedBlock('\\/api\\/'));
    conf = configureSite(conf, { set: { oidc_bearer_audience: choices.audience } });
  }
  if (choices.store !== '') {
    conf = uncomment(conf, /^# upstream oidc_store \{.*$/m);
    conf = uncomment(conf, /^ *# include conf\.d\/openid_connect\.store_location;$/gm);
  }
  if (choices.check) {
    const lines = commentedLocation(templates.server, '= \\/_oidc_check').replace(/^/gm, '    ');
    conf = insertBefore(
      conf,
      siteLocation,
      `    # What the module sees, for this machine alone: remove it when all works.\n${lines}\n\n`,
    );
  }
  return withoutHints(conf);
}

/** What the template asks for is done. */
function withoutHints(conf: string): string {
  const steps = replaceFound(conf, /^#\n(?:# +\d\. .*\n)+/m, '');
  return steps.replace(/ +# (?:<--|uncomment to).*$/gm, '');
}

/** Whether the njs of that NGINX is known to have QuickJS. */
export function hasQuickJs({ nginx }: Choices): boolean {
  return nginx === 'debian' || nginx === 'nginx.org';
}

/** `set` lines that the template does not have. */
function settingLines(choices: Choices): string {
  const more: Record<string, string> = { ...providerOf(choices.provider).settings };
  const groups = choices.groups.trim().split(/\s+/).filter(Boolean);
  if (groups.length > 0) more['oidc_require'] = `${choices.groupsClaim} any ${groups.map(ruleValue).join(' ')}`;
  if (choices.profile !== 'none') {
    more['oidc_profile'] = choices.profile;
    more['oidc_client_keyfile'] = '/etc/nginx/oidc/client.pem';
  }
  if (choices.keepSignedIn !== 'off') more['oidc_keep_signed_in'] = choices.keepSignedIn;
  if (choices.signOutEverywhere) more['oidc_revoke_access_token'] = '1';
  const lines = Object.entries(more).map(([name, value]) => `    set $${name} "${value}";\n`);
  return lines.length > 0 ? `${lines.join('')}\n` : '';
}

/** A value of a rule; one that is no plain word stands in quotes. */
function ruleValue(group: string): string {
  return /^[A-Za-z0-9_.@/-]+$/.test(group) && group !== 'or' ? group : `'${group}'`;
}

function tls(conf: string, choices: Choices): string {
  const { hostname } = new URL(choices.site);
  const named = insertBefore(conf, /^ {4}# ssl_certificate /m, `    server_name ${hostname};\n`);
  if (choices.behindBalancer) return named;
  return uncomment(named, /^ {4}# ssl_certificate\S* .*$/gm).replace(
    /^( {4}ssl_certificate\S* +\S*\/)app\.example\.com\./gm,
    (_line, path: string) => `${path + hostname}.`,
  );
}
