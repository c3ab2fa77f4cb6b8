import { pageSettings } from '../../src/config/page-settings';
import { type ProviderId, providerOf, providers } from './providers';

/** Where the NGINX comes from: it decides which modules are loaded how, and which engine there is. */
export const nginxKinds = {
  'debian-13': 'Debian 13',
  debian: 'Debian newer than 13',
  'nginx.org': 'Packages of nginx.org',
  plus: 'NGINX Plus',
} as const;

export const profiles = {
  none: 'A client secret',
  fapi2: 'FAPI 2.0: a key, pushed requests, bound tokens',
  'fapi2-message-signing': 'FAPI 2.0 with signed requests and responses',
} as const;

export const kept = {
  off: 'Until the browser is closed',
  ask: 'Longer, for those who ask for it',
  always: 'Longer, for everybody',
} as const;

/** What somebody chose in the helper, as it was typed. */
export interface Choices {
  provider: ProviderId;
  issuer: string;
  client: string;
  /** "" for a public client; of no account with a profile, which takes a key */
  secret: string;
  /** $oidc_hmac_key */
  key: string;
  nginx: keyof typeof nginxKinds;
  /** the address that people type: https://app.example.com */
  site: string;
  /** whether something in front of NGINX ends TLS */
  behindBalancer: boolean;
  /** host:port of the application */
  application: string;
  resolver: string;
  accessToken: boolean;
  /** whose groups may come in, separated by blanks; "" for everybody */
  groups: string;
  /** the claim that has them */
  groupsClaim: string;
  /** the audience of access tokens for /api/; "" for no API */
  audience: string;
  /** where Redis or Valkey is: host:port; "" for one machine */
  store: string;
  storePassword: string;
  storeTls: boolean;
  profile: keyof typeof profiles;
  keepSignedIn: keyof typeof kept;
  /** sign-out also reaches tokens, other browsers and, from the provider's side, this site */
  signOutEverywhere: boolean;
  check: boolean;
  /** the site's name on the pages that people see; "" for none */
  pageName: string;
  /** whom people can ask: text, an address in angle brackets, or both */
  pageContact: string;
}

export function defaultChoices(provider: ProviderId): Choices {
  return {
    provider,
    issuer: providerOf(provider).issuer,
    client: 'my-client-id',
    secret: 'my-client-secret',
    key: '',
    nginx: 'debian-13',
    site: 'https://app.example.com',
    behindBalancer: false,
    application: '127.0.0.1:8080',
    resolver: '127.0.0.53',
    accessToken: false,
    groups: '',
    groupsClaim: providerOf(provider).groupsClaim ?? '',
    audience: '',
    store: '',
    storePassword: '',
    storeTls: false,
    profile: 'none',
    keepSignedIn: 'off',
    signOutEverywhere: false,
    check: true,
    pageName: '',
    pageContact: '',
  };
}

/** What cannot be right, by the field where it stands. Nothing wrong: no members. */
export type Problems = Partial<Record<keyof Choices, string>>;

const hostAndPort = /^(?:[A-Za-z0-9.-]+|\[[0-9a-fA-F:.]+\]):\d{1,5}$/;

export function problemsOf(choices: Choices): Problems {
  const problems: Problems = {};
  const demand = (field: keyof Choices, holds: boolean, text: string) => {
    if (!holds && problems[field] === undefined) problems[field] = text;
  };
  for (const [field, value] of Object.entries(choices) as [keyof Choices, unknown][]) {
    if (typeof value !== 'string') continue;
    demand(field, !value.includes('$'), 'NGINX takes $ for the beginning of a variable: it cannot be part of a value.');
    demand(field, !/\p{Cc}/u.test(value), 'This has a line break or another control character in it.');
  }
  demand('provider', choices.provider in providers, 'Choose a provider.');
  demand('issuer', isHttps(choices.issuer), 'An address that begins with https://, as the provider gives it.');
  demand('client', choices.client.trim() !== '', 'The client id that the provider gave this site.');
  demand('key', choices.key.length >= 32, '32 characters or more, random.');
  demand(
    'site',
    isHttps(choices.site) && new URL(choices.site).origin === choices.site,
    'https:// and a host, no path, and no slash at the end.',
  );
  demand('application', hostAndPort.test(choices.application), 'Host and port, such as 127.0.0.1:8080.');
  demand('resolver', /^[A-Za-z0-9.:[\]-]+$/.test(choices.resolver), 'The address of one name server.');
  demand('groups', /^[^;"'\\]*$/.test(choices.groups), 'Names without quotes, semicolons and backslashes.');
  demand('store', choices.store === '' || hostAndPort.test(choices.store), 'Host and port, such as 127.0.0.1:6379.');
  demand('pageName', parses('page_name', choices.pageName), 'One line.');
  demand('pageContact', parses('page_contact', choices.pageContact), 'Text, or Help desk <mailto:help@example.com>.');
  demand(
    'groupsClaim',
    choices.groupsClaim === '' || /^[A-Za-z][^\s;"'\\]*$/.test(choices.groupsClaim),
    'A letter first; no blanks, quotes, semicolons and backslashes.',
  );
  demand(
    'groupsClaim',
    choices.groups.trim() === '' || choices.groupsClaim !== '',
    'The claim that has the groups. This provider has none of its own.',
  );
  return problems;
}

function parses(name: 'page_name' | 'page_contact', value: string): boolean {
  try {
    pageSettings[name].parse(value);
    return true;
  } catch {
    return false;
  }
}

function isHttps(text: string): boolean {
  return /^https:\/\/[^\s"]+$/.test(text) && URL.canParse(text);
}
