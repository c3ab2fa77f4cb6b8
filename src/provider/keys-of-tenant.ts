import type { Jwk } from '../protocol/jwks';
import type { Jws } from '../protocol/jws';
import { isKeyOfIssuer } from '../protocol/tenants';
import type { Keys } from './keys';

/**
 * The keys that may sign a token of its tenant: of a provider with many, some have keys of their own among those of all.
 * @param tenants none where the provider has one tenant, whose keys are taken as they are
 */
export function keysOfTenant(keys: Keys, tenants: string[], { payload }: Jws): Keys {
  if (tenants.length === 0) {
    return keys;
  }
  const own = (all: Jwk[]) => all.filter((key) => isKeyOfIssuer(key, payload));
  let published: Jwk[] = [];
  return {
    secrets: keys.secrets,
    get: async () => {
      published = await keys.get();
      return own(published);
    },
    refetch: async () => {
      const newer = await keys.refetch(published);
      return newer && 'document' in newer ? { document: own(newer.document) } : newer;
    },
  };
}
