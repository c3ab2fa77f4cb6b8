// A provider with many tenants: its metadata name one issuer for all, with a placeholder (Microsoft Entra ID); each ID
// token names the issuer of its own tenant, and the tenant in `tid`.

import { oidcError } from './errors';
import { type JsonObject, stringMember } from './json';
import type { Jwk } from './jwks';
import { printable } from './text';

const placeholder = '{tenantid}';

/** The issuer as the metadata have it, of an issuer that names no tenant in particular; undefined of any other. */
export function issuerTemplate(issuer: string): string | undefined {
  const template = issuer.replace(/\/(?:organizations|common|consumers)(?=\/|$)/, `/${placeholder}`);
  return template.split(placeholder).length === 2 ? template : undefined;
}

/** @param template an issuer; one without a placeholder stays as it is */
export function issuerOfTenant(template: string, tenant: string): string {
  return template.replace(placeholder, () => tenant);
}

/**
 * The issuer that a token must name.
 * @param issuer of the metadata
 * @param tenants those that are allowed; none where the issuer has one tenant
 * @param claims of a token whose signature holds
 * @throws tenant_not_allowed
 */
export function expectedIssuer(issuer: string, tenants: string[], claims: JsonObject): string {
  if (tenants.length === 0) {
    return issuer;
  }
  const tid = stringMember(claims, 'tid');
  if (tid === undefined || tenants.indexOf(tid) < 0) {
    const said = tid === undefined ? 'no "tid"' : `"tid" ${printable(tid, 80)}`;
    throw oidcError('tenant_not_allowed', `the token has ${said}, which $oidc_tenants does not list`);
  }
  return issuerOfTenant(issuer, tid);
}

/** Whether a key may sign for the token's issuer: Entra ID says of each key whose it is. Nothing here is verified yet. */
export function isKeyOfIssuer(key: Jwk, claims: JsonObject): boolean {
  const issuer = stringMember(claims, 'iss');
  return key.issuer === undefined || issuerOfTenant(key.issuer, stringMember(claims, 'tid') || '') === issuer;
}
