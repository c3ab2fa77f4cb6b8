/** Where providers put their JWK set below the issuer: the usual place, and Keycloak's. */
const places = /^(https?:\/\/.+?)(?:\/\.well-known\/jwks\.json|\/protocol\/openid-connect\/certs)$/;

/** The issuer that the URL of a JWK set tells; undefined for a file, and where the provider puts it elsewhere. */
export function issuerOfKeys(url: string): string | undefined {
  return places.exec(url)?.[1];
}
