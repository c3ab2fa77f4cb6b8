/** How the provider can tell this site that somebody signed out there. */
type SignOutCall = 'back_channel_logout' | 'front_channel_logout';

/** What the helper knows of a provider; docs/providers/ has it at length. */
export interface Provider {
  name: string;
  /** its page in docs/providers/, without `.md`; none for any other one */
  page?: string;
  /** an issuer as it looks there */
  issuer: string;
  /** `set` lines beyond issuer, client, secret, key and address */
  settings?: Record<string, string>;
  /** the claim with a person's groups; none where it has no such claim */
  groupsClaim?: string;
  signOutCalls?: SignOutCall[];
  /** what is good to know before the first sign-in */
  note?: string;
}

export const providers = {
  cognito: {
    name: 'Amazon Cognito',
    page: 'cognito',
    issuer: 'https://cognito-idp.us-east-1.amazonaws.com/us-east-1_AbCdEfGhI',
    groupsClaim: 'cognito:groups',
  },
  keycloak: {
    name: 'Keycloak',
    page: 'keycloak',
    issuer: 'https://keycloak.example.com/realms/staff',
    settings: { oidc_scopes: 'openid+profile+email' },
    groupsClaim: 'groups',
    signOutCalls: ['back_channel_logout'],
    note: 'Groups come with a mapper of the client: step 6 of its page.',
  },
  'entra-id': {
    name: 'Microsoft Entra ID',
    page: 'entra-id',
    issuer: 'https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/v2.0',
    groupsClaim: 'groups',
    signOutCalls: ['front_channel_logout'],
    note: 'Groups are object ids, not names.',
  },
  okta: {
    name: 'Okta',
    page: 'okta',
    issuer: 'https://dev-123456.okta.com',
    settings: { oidc_userinfo: '1' },
    groupsClaim: 'groups',
    signOutCalls: ['front_channel_logout'],
    note: 'Groups come only with a groups claim, and the org server wants the scope groups: step 7 of its page.',
  },
  auth0: {
    name: 'Auth0',
    page: 'auth0',
    issuer: 'https://my-tenant.eu.auth0.com/',
    groupsClaim: 'https://example.com/groups',
    signOutCalls: ['back_channel_logout'],
    note: 'The issuer ends in a slash. A claim of your own, such as groups, has a URL as its name.',
  },
  google: {
    name: 'Google',
    page: 'google',
    issuer: 'https://accounts.google.com',
    settings: { oidc_authz_extra_args: 'access_type=offline&prompt=consent' },
    note: 'With an External consent screen everybody with a Google account gets in.',
  },
  'ad-fs': {
    name: 'AD FS',
    page: 'ad-fs',
    issuer: 'https://fs.example.com/adfs',
    groupsClaim: 'groups',
    signOutCalls: ['front_channel_logout'],
    note: 'Claims come with the resource parameter of its page, step 5.',
  },
  authelia: {
    name: 'Authelia',
    page: 'authelia',
    issuer: 'https://auth.example.com',
    settings: { oidc_userinfo: '1' },
    groupsClaim: 'groups',
    note: 'Groups come with the scope groups.',
  },
  dex: {
    name: 'Dex',
    page: 'dex',
    issuer: 'https://dex.example.com/dex',
    settings: { oidc_scopes: 'openid+profile+email+groups+offline_access' },
    groupsClaim: 'groups',
  },
  gitlab: {
    name: 'GitLab',
    page: 'gitlab',
    issuer: 'https://gitlab.example.com',
    settings: { oidc_userinfo: '1' },
    groupsClaim: 'groups',
  },
  'lemonldap-ng': {
    name: 'LemonLDAP::NG',
    page: 'lemonldap-ng',
    issuer: 'https://auth.example.com/',
    settings: { oidc_userinfo: '1' },
    groupsClaim: 'groups',
    signOutCalls: ['back_channel_logout'],
  },
  onelogin: {
    name: 'OneLogin',
    page: 'onelogin',
    issuer: 'https://my-company.onelogin.com/oidc/2',
    groupsClaim: 'groups',
  },
  ping: {
    name: 'PingOne',
    page: 'ping',
    issuer: 'https://auth.pingone.eu/11111111-2222-3333-4444-555555555555/as',
    groupsClaim: 'groups',
    note: 'New applications are off: turn the switch at the top on.',
  },
  zitadel: {
    name: 'Zitadel',
    page: 'zitadel',
    issuer: 'https://zitadel.example.com',
    settings: { oidc_userinfo: '1' },
    groupsClaim: 'groups',
    note: 'Roles are an object: have an action of Zitadel add a list of texts, such as groups.',
  },
  other: {
    name: 'Another one',
    issuer: 'https://idp.example.com',
    groupsClaim: 'groups',
    signOutCalls: ['back_channel_logout', 'front_channel_logout'],
    note: 'The issuer is the member "issuer" of ISSUER/.well-known/openid-configuration, letter for letter.',
  },
} as const satisfies Record<string, Provider>;

export type ProviderId = keyof typeof providers;

export function providerOf(id: ProviderId): Provider {
  return providers[id];
}
