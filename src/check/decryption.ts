import type { Config } from '../config/settings';
import { isOidcError } from '../protocol/errors';
import { printable } from '../protocol/text';
import { clientKeys } from '../provider/client-keys';
import { type Finding, finding } from './finding';

/** The keys that tokens may be encrypted to, and what this engine can do with them. */
export function checkDecryption({ decryption_keyfile, require_encryption }: Config): Finding[] {
  if (decryption_keyfile.length === 0) {
    return [];
  }
  const about = 'decryption';
  try {
    const keys = clientKeys('oidc_decryption_keyfile', decryption_keyfile);
    const list = keys.map(({ kty, crv, kid }) =>
      [printable(kid || '(no kid)', 80), kty, crv].filter(Boolean).join(' '),
    );
    const value = `${list.join(', ')}; must be encrypted: ${require_encryption.join(' ')}`;
    return njs.version_number < 0x000900
      ? [finding('warning', about, value, 'this njs can do RSA-OAEP only, not RSA-OAEP-256 or ECDH-ES')]
      : [finding('ok', about, value)];
  } catch (error) {
    return [finding('problem', about, isOidcError(error) ? error.detail : printable(String(error), 300))];
  }
}
