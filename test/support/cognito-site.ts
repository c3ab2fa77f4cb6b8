import type { Nginx } from '../../scripts/nginx/target';
import type { SiteChanges } from '../../scripts/site/configure';
import type { CognitoProvider } from './cognito-provider';
import type { EchoApplication } from './echo-application';
import { type Site, type SiteOptions, startSite, testHmacKey } from './site';

/** The `set` lines of the guide's steps 3 and 4, with the JWK set by URL: no issuer, no discovery. */
export function guideDirectives(cognito: CognitoProvider): Record<string, string> {
  return {
    oidc_issuer: '',
    oidc_authz_endpoint: `${cognito.domain}/oauth2/authorize`,
    oidc_token_endpoint: `${cognito.domain}/oauth2/token`,
    oidc_client: cognito.client.id,
    oidc_client_secret: cognito.client.secret,
    oidc_hmac_key: testHmacKey,
    oidc_jwt_keyfile: cognito.jwksUri,
  };
}

/** With the issuer alone: the rest is found by discovery. */
export function discoveryDirectives(cognito: CognitoProvider): Record<string, string> {
  return {
    oidc_issuer: cognito.issuer,
    oidc_client: cognito.client.id,
    oidc_client_secret: cognito.client.secret,
    oidc_hmac_key: testHmacKey,
  };
}

/** The guide's step 5: offline_access taken out of the list in openid_connect.server_conf. */
export const withoutOfflineAccess = (conf: string) => conf.replace('+offline_access', '');

/** A site in front of the application, its addresses entered at the app client as the guide says: with the port. */
export async function startCognitoSite(
  nginx: Nginx,
  cognito: CognitoProvider,
  application: EchoApplication,
  set: Record<string, string>,
  more: Partial<SiteOptions> & { changes?: SiteChanges } = {},
): Promise<Site> {
  const site = await startSite({
    nginx,
    issuer: '',
    application: application.address,
    ...more,
    changes: { set, ...more.changes },
  });
  cognito.allow(`${site.url}/_codexch`, `${site.url}/_logout`);
  return site;
}
