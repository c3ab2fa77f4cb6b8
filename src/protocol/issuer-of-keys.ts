/**
 * Where providers put their JWK set, and the issuer that it tells. A wrong guess lets nobody in: the ID tokens must name
 * that issuer to the letter.
 */
const places: [url: RegExp, issuer: string][] = [
  [/^(https:\/\/[^/]+\.auth0\.com)\/\.well-known\/jwks\.json$/, '$1/'],
  [/^(https?:\/\/.+?)\/\.well-known\/jwks\.json$/, '$1'],
  [/^(https?:\/\/.+?)\/protocol\/openid-connect\/certs$/, '$1'], // Keycloak
  [/^(https:\/\/[^/]+)\/oauth2\/v1\/keys$/, '$1'], // Okta, its own authorization server
  [/^(https:\/\/[^/]+\/oauth2\/[^/]+)\/v1\/keys$/, '$1'], // Okta, one of yours
  [/^(https:\/\/login\.microsoftonline\.com\/[0-9a-f-]{36})\/discovery\/v2\.0\/keys(?:\?[^#]*)?$/, '$1/v2.0'], // of one tenant
  [/^https:\/\/www\.googleapis\.com\/oauth2\/v3\/certs$/, 'https://accounts.google.com'],
  [/^(https:\/\/[^/]+\.onelogin\.com\/oidc\/2)\/certs$/, '$1'],
  [/^(https:\/\/auth\.pingone\.[a-z.]+\/[0-9a-f-]{36}\/as)\/jwks$/, '$1'],
];

/** The issuer that the URL of a JWK set tells; undefined for a file, and where the provider puts it elsewhere. */
export function issuerOfKeys(url: string): string | undefined {
  const place = places.find(([pattern]) => pattern.test(url));
  return place && url.replace(place[0], place[1]);
}
