import type { Config } from '../config/settings';
import { type Finding, finding } from './finding';

/** Below this many different characters a text of 16 or more was typed, not drawn. */
const fewestCharacters = 10;
const typed = /secret|passw|change|example|test|demo|qwert|abcdef|12345|your/i;

/** Whether `$oidc_hmac_key` looks as if somebody had made it up, or as if it had another use. */
export function checkSecrets({ hmac_key, client_secret }: Config): Finding[] {
  const about = 'key';
  const remedy = 'set $oidc_hmac_key to the output of: openssl rand -hex 32';
  if (hmac_key === client_secret) {
    return [finding('warning', about, '$oidc_hmac_key is the client secret, which the provider knows, too', remedy)];
  }
  const characters = hmac_key.split('').filter((one, at, all) => all.indexOf(one) === at).length;
  return characters < fewestCharacters || typed.test(hmac_key)
    ? [finding('warning', about, '$oidc_hmac_key looks as if it could be guessed: it seals logins', remedy)]
    : [finding('ok', about, `$oidc_hmac_key has ${hmac_key.length} characters, ${characters} of them different`)];
}
