/** One test of the OpenID Foundation's conformance suite for relying parties, in which the suite is the provider. */
export interface Module {
  /** finish: the login ends at the application; stop: with an error, and without a session */
  must: 'finish' | 'stop';
  /** what happens, and what the relying party must do */
  text: string;
  /** how it ended when the suite itself was run; `-` for what the suite asks of other flows only */
  suite: 'passed' | 'skipped' | 'review' | 'not run' | '-';
}

export interface Plan {
  title: string;
  modules: Record<string, Module>;
}

const finish = (text: string, suite: Module['suite'] = 'passed'): Module => ({ must: 'finish', text, suite });
const stop = (text: string, suite: Module['suite'] = 'passed'): Module => ({ must: 'stop', text, suite });

const unrun = 'not run' as const;

/** Modules of another plan, which the suite itself did not run in this one. */
const notRun = <T extends Record<string, Module>>(modules: T): T =>
  Object.fromEntries(Object.entries(modules).map(([name, one]) => [name, { ...one, suite: unrun }])) as T;

/** A login by code, however the response comes. */
const basic = {
  'oidcc-client-test': finish('complete a login with token and UserInfo requests'),
  'oidcc-client-test-invalid-iss': stop('refuse an ID token of another issuer'),
  'oidcc-client-test-missing-sub': stop('refuse an ID token without `sub`'),
  'oidcc-client-test-invalid-aud': stop('refuse an ID token for another client'),
  'oidcc-client-test-missing-iat': stop('refuse an ID token without `iat`'),
  'oidcc-client-test-kid-absent-single-jwks': finish('find the only key for an ID token without `kid`'),
  'oidcc-client-test-kid-absent-multiple-jwks': finish(
    'try all keys that fit an ID token without `kid` (refusing is allowed, too)',
  ),
  'oidcc-client-test-idtoken-sig-rs256': finish('accept RS256'),
  'oidcc-client-test-idtoken-sig-none': stop('refuse an unsigned ID token, as none was agreed on', 'skipped'),
  'oidcc-client-test-invalid-sig-rs256': stop('refuse an ID token with a broken signature'),
  'oidcc-client-test-userinfo-invalid-sub': stop('refuse UserInfo of another `sub`'),
  'oidcc-client-test-nonce-invalid': stop('refuse an ID token with another nonce'),
  'oidcc-client-test-scope-userinfo-claims': finish('ask for scopes, and use the claims of UserInfo'),
  'oidcc-client-test-client-secret-basic': finish('authenticate by HTTP Basic at the token endpoint'),
};

/** FAPI 2.0, whether messages are signed or not. */
const securityProfile = {
  'fapi2-security-profile-final-client-test-happy-path': finish(
    'push the request, authenticate by key or certificate, have tokens bound to the client',
    unrun,
  ),
  'fapi2-security-profile-final-client-test-happy-path-no-dpop-nonce': finish(
    'the same with a provider that gives no DPoP nonce',
    unrun,
  ),
  'fapi2-security-profile-final-client-test-rs-dpop-auth-scheme-case-insensitivity': finish(
    "take an API's DPoP challenge in any case",
    unrun,
  ),
  'fapi2-security-profile-final-client-test-discovery-issuer-mismatch': stop(
    'refuse metadata of another issuer than the configured one',
    unrun,
  ),
  'fapi2-security-profile-final-client-test-invalid-iss': stop('refuse an ID token of another issuer', unrun),
  'fapi2-security-profile-final-client-test-invalid-aud': stop('refuse an ID token for another client', unrun),
  'fapi2-security-profile-final-client-test-invalid-secondary-aud': stop(
    'refuse an ID token that is also for another client',
    unrun,
  ),
  'fapi2-security-profile-final-client-test-invalid-null-alg': stop('refuse an unsigned ID token', unrun),
  'fapi2-security-profile-final-client-test-invalid-alternate-alg': stop('refuse an ID token signed by RS256', unrun),
  'fapi2-security-profile-final-client-test-invalid-expired-exp': stop('refuse an ID token that has expired', unrun),
  'fapi2-security-profile-final-client-test-invalid-missing-exp': stop('refuse an ID token without `exp`', unrun),
  'fapi2-security-profile-final-client-test-invalid-missing-aud': stop('refuse an ID token without `aud`', unrun),
  'fapi2-security-profile-final-client-test-invalid-missing-iss': stop('refuse an ID token without `iss`', unrun),
  'fapi2-security-profile-final-client-test-invalid-nonce': stop('refuse an ID token with another nonce', unrun),
  'fapi2-security-profile-final-client-test-invalid-missing-nonce': stop('refuse an ID token without `nonce`', unrun),
  'fapi2-security-profile-final-client-test-valid-aud-as-array': finish('accept `aud` as a list of one', unrun),
  'fapi2-security-profile-final-client-test-invalid-authorization-response-iss': stop(
    'refuse a response of another issuer, before the token request',
    unrun,
  ),
  'fapi2-security-profile-final-client-test-remove-authorization-response-iss': stop(
    'refuse a response without `iss`, before the token request',
    unrun,
  ),
  'fapi2-security-profile-final-client-test-ensure-authorization-response-with-invalid-state-fails': stop(
    'refuse a response with another `state`',
    unrun,
  ),
  'fapi2-security-profile-final-client-test-ensure-authorization-response-with-invalid-missing-state-fails': stop(
    'refuse a response without `state`',
    unrun,
  ),
  'fapi2-security-profile-final-client-test-token-endpoint-response-without-expires_in': finish(
    'do without `expires_in`',
    unrun,
  ),
  'fapi2-security-profile-final-client-test-token-type-case-insensitivity': finish(
    'take `token_type` in any case',
    unrun,
  ),
  'fapi2-security-profile-final-client-refresh-token-test': finish('renew the tokens and use the new ones', unrun),
  'fapi2-security-profile-final-client-test-happy-path-no-mtls-endpoint-aliases': finish(
    'the same with a provider that has no other addresses for clients with a certificate',
    unrun,
  ),
};

/** What there is of it where the response is a JWT: its own modules say what becomes of another `iss`. */
const {
  'fapi2-security-profile-final-client-test-invalid-authorization-response-iss': _invalid,
  'fapi2-security-profile-final-client-test-remove-authorization-response-iss': _removed,
  ...withSignedResponses
} = securityProfile;

/** The plans that are run, by their names and the names of their modules in the suite. */
export const plans = {
  'oidcc-client-basic-certification-test-plan': {
    title: 'Basic RP',
    modules: basic,
  },
  'oidcc-client-config-certification-test-plan': {
    title: 'Config RP',
    modules: {
      'oidcc-client-test-discovery-openid-config': finish('fetch the metadata and use what it says'),
      'oidcc-client-test-discovery-jwks-uri-keys': finish('take the keys from the `jwks_uri` of the metadata'),
      'oidcc-client-test-discovery-issuer-mismatch': stop('refuse metadata of another issuer than the configured one'),
      'oidcc-client-test-idtoken-sig-none': stop('refuse an unsigned ID token, as none was agreed on', 'skipped'),
      'oidcc-client-test-signing-key-rotation-just-before-signing': finish(
        'fetch the keys again when the ID token names one that is new',
      ),
      'oidcc-client-test-signing-key-rotation': finish('complete a second login after the keys changed'),
    },
  },
  'oidcc-client-rp-initiated-logout-rp-basic': {
    title: 'RP-initiated logout',
    modules: {
      'oidcc-client-test-rp-init-logout': finish('call the end-session endpoint and handle the return', 'review'),
      'oidcc-client-test-rp-init-logout-other-state': finish('handle the return with another `state`', 'not run'),
      'oidcc-client-test-rp-init-logout-no-state': finish('handle the return without `state`', 'not run'),
    },
  },
  'oidcc-client-front-channel-logout-rp-basic': {
    title: 'Front-channel logout',
    modules: {
      'oidcc-client-test-rp-frontchannel-rpinitlogout': finish(
        'have no session once it called the end-session endpoint and the provider loaded its frame',
        'review',
      ),
    },
  },
  'oidcc-client-back-channel-logout-rp-basic': {
    title: 'Back-channel logout',
    modules: {
      'oidcc-client-test-rp-backchannel-rpinitlogout': finish(
        'accept a logout token, and have no session of it any more',
        'not run',
      ),
      'oidcc-client-test-rp-backchannel-rpinitlogout-alg-none': finish('refuse an unsigned logout token', 'not run'),
      'oidcc-client-test-rp-backchannel-rpinitlogout-wrong-alg': finish(
        'refuse a logout token signed by another algorithm than ID tokens are (`$oidc_id_token_algs RS256`)',
        'not run',
      ),
      'oidcc-client-test-rp-backchannel-rpinitlogout-no-event': finish(
        'refuse a logout token without `events`',
        'not run',
      ),
      'oidcc-client-test-rp-backchannel-rpinitlogout-wrong-event': finish(
        'refuse a logout token of another event',
        'not run',
      ),
      'oidcc-client-test-rp-backchannel-rpinitlogout-with-nonce': finish(
        'refuse a logout token with a `nonce`',
        'not run',
      ),
      'oidcc-client-test-rp-backchannel-rpinitlogout-wrong-aud': finish(
        'refuse a logout token for another client',
        'not run',
      ),
      'oidcc-client-test-rp-backchannel-rpinitlogout-wrong-iss': finish(
        'refuse a logout token of another issuer',
        'not run',
      ),
    },
  },
  'oidcc-client-logout-test-plan': {
    title: 'Logout, all in one: what the plans above lack',
    modules: {
      'oidcc-client-test-rp-frontchannel-opinitlogout': finish(
        'have no session once the provider, by itself, loaded its frame',
        'review',
      ),
    },
  },
  'oidcc-client-refreshtoken-test-plan': {
    title: 'Refresh tokens (no certification)',
    modules: {
      'oidcc-client-test-refresh-token': finish('renew the tokens and use the new ones'),
      'oidcc-client-test-refresh-token-invalid-issuer': stop('refuse a renewed ID token of another issuer'),
      'oidcc-client-test-refresh-token-invalid-sub': stop('refuse a renewed ID token of another `sub`'),
    },
  },
  'oidcc-client-test-plan': {
    title: 'All of OpenID Connect Core: what the plans above lack (no certification)',
    modules: {
      'oidcc-client-test-missing-aud': stop('refuse an ID token without `aud`'),
      'oidcc-client-test-invalid-athash': stop(
        'refuse an ID token with the `at_hash` of another access token (the suite asks this of the hybrid flow only)',
        '-',
      ),
      'oidcc-client-test-request-uri-signed-rs256': finish(
        'ask by a reference to a request that RS256 signs, at an address of this site',
        'not run',
      ),
      'oidcc-client-test-mtls-endpoint-aliases': finish(
        'call the `mtls_endpoint_aliases` with its certificate',
        'not run',
      ),
      'oidcc-client-test-userinfo-signed': finish('use the claims of a signed UserInfo response', 'not run'),
      'oidcc-client-test-invalid-sig-es256': stop('refuse a broken ES256 signature'),
      'oidcc-client-test-invalid-sig-hs256': stop('refuse a broken HS256 signature where HS256 is configured'),
    },
  },
  'oidcc-client-test-3rd-party-init-login-test-plan': {
    title: 'Login begun by a third party (no certification)',
    modules: {
      'oidcc-client-test-3rd-party-init-login': finish(
        'begin a login that another site asks for (in the suite with a protected page as `initiate_login_uri`, here with `/_oidc_login`)',
      ),
    },
  },
  'fapi2-security-profile-final-client-test-plan': {
    title: 'FAPI 2.0 security profile',
    modules: securityProfile,
  },
  'fapi2-message-signing-final-client-test-plan': {
    title: 'FAPI 2.0 message signing (JAR, JARM)',
    modules: {
      ...withSignedResponses,
      'fapi2-security-profile-final-client-test-happy-path': finish(
        'push a signed request, and take a signed response',
        unrun,
      ),
      'fapi2-security-profile-final-client-test-ensure-jarm-without-iss-fails': stop(
        'refuse a response without `iss`',
        unrun,
      ),
      'fapi2-security-profile-final-client-test-ensure-jarm-without-aud-fails': stop(
        'refuse a response without `aud`',
        unrun,
      ),
      'fapi2-security-profile-final-client-test-ensure-jarm-without-exp-fails': stop(
        'refuse a response without `exp`',
        unrun,
      ),
      'fapi2-security-profile-final-client-test-ensure-jarm-with-invalid-iss-fails': stop(
        'refuse a response of another issuer',
        unrun,
      ),
      'fapi2-security-profile-final-client-test-ensure-jarm-with-invalid-aud-fails': stop(
        'refuse a response for another client',
        unrun,
      ),
      'fapi2-security-profile-final-client-test-ensure-jarm-with-invalid-sig-fails': stop(
        'refuse a response with a broken signature',
        unrun,
      ),
      'fapi2-security-profile-final-client-test-ensure-jarm-with-expired-exp-fails': stop(
        'refuse a response that has expired',
        unrun,
      ),
      'fapi2-security-profile-final-client-test-ensure-jarm-signature-is-not-none': stop(
        'refuse an unsigned response',
        unrun,
      ),
    },
  },
  'oidcc-client-formpost-basic-certification-test-plan': {
    title: 'Form post, basic',
    modules: {
      ...notRun(basic),
      'oidcc-client-test-form-post-error': stop('show an error that is posted', unrun),
    },
  },
} satisfies Record<string, Plan>;

export type PlanName = keyof typeof plans;
export type ModuleName<P extends PlanName> = keyof (typeof plans)[P]['modules'] & string;

/** Every module of every plan. */
export const allModules: (Module & { plan: PlanName; name: string })[] = Object.entries(plans).flatMap(
  ([plan, { modules }]) =>
    Object.entries<Module>(modules).map(([name, module]) => ({ ...module, plan: plan as PlanName, name })),
);
