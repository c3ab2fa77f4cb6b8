import { decodeBase64url } from './base64url';
import { oidcError } from './errors';
import { type JsonObject, parseJsonObject, stringMember } from './json';
import { encryptions, openContent } from './jwe-content';
import { contentKey, isKeyManagement, keyTypeOf } from './jwe-key';
import type { PrivateKey } from './private-key';
import { printable } from './text';

/** A compact JWE taken apart (RFC 7516 section 7.1), nothing in it to be believed yet. */
export interface Jwe {
  readonly alg: string;
  readonly enc: string;
  readonly header: JsonObject;
  /** What the content's tag also covers. */
  readonly aad: Uint8Array;
  readonly encryptedKey: Uint8Array;
  readonly iv: Uint8Array;
  readonly ciphertext: Uint8Array;
  readonly tag: Uint8Array;
}

/** Of a whole token; the signed one in it, of 256 KB at most, is in base64url once more. */
const mostCharacters = 400000;

/** Whether it is a compact JWE, by its form alone (RFC 7516 section 9). */
export const isJwe = (token: string) => token.split('.').length === 5 && /^[\w.-]+$/.test(token) && token[0] !== '.';

/**
 * Decrypts a compact JWE (RFC 7516 section 5.2). What is inside is to be believed as little as what is outside, because
 * anybody can encrypt to a public key.
 * @param name what to call it in a message
 * @returns the text inside: of a token the signed one
 * @throws id_token_invalid for what is no JWE, id_token_algorithm for what is not done here; decryption_failed, with the
 *   same text whatever did not hold, so that nothing can be learned by trying
 */
export async function decryptJwe(token: string, keys: PrivateKey[], name: string): Promise<string> {
  const jwe = decodeJwe(token, name);
  const kid = stringMember(jwe.header, 'kid');
  const fitting = keys.filter(
    (key) =>
      key.kty === keyTypeOf(jwe.alg) &&
      (key.use === undefined || key.use === 'enc') &&
      (key.alg === undefined || key.alg === jwe.alg) &&
      (key.kid === undefined || kid === undefined || key.kid === kid),
  );
  for (const key of fitting) {
    const text = await contentKey(jwe, key)
      .then((content) => openContent(jwe, content))
      .then(textOf)
      .catch(() => undefined);
    if (text !== undefined) {
      return text;
    }
  }
  const engine = jwe.alg === 'RSA-OAEP' ? '' : '; njs 0.8 can do RSA-OAEP only';
  throw oidcError(
    'decryption_failed',
    `the ${name} is encrypted with ${jwe.alg} and ${jwe.enc} to key "${printable(kid || '', 80)}", and none of the ${fitting.length} that fit opens it: $oidc_decryption_keyfile must have the private half of what the provider encrypts to${engine}`,
  );
}

function decodeJwe(token: string, name: string): Jwe {
  const parts = token.length <= mostCharacters ? token.split('.') : [];
  const head = parts[0] || '';
  const header = parseJsonObject(textOf(decodeBase64url(head)) || '');
  const [encryptedKey, iv, ciphertext, tag] = parts.slice(1).map(decodeBase64url);
  if (parts.length !== 5 || !header || !encryptedKey || !iv || !ciphertext || !tag) {
    throw oidcError('id_token_invalid', `the ${name} is no encrypted token of at most ${mostCharacters} characters`);
  }
  const alg = stringMember(header, 'alg') || '';
  const enc = stringMember(header, 'enc') || '';
  const strange = ['zip', 'crit', 'b64'].filter((member) => header[member] !== undefined);
  if (!isKeyManagement(alg) || !encryptions[enc] || strange.length > 0) {
    const said = [alg, enc].concat(strange).map((text) => printable(text, 30));
    throw oidcError(
      'id_token_algorithm',
      `the ${name} is encrypted in a way that is not accepted here (${said.join(', ')}): have the provider use RSA-OAEP-256 or ECDH-ES, with A256GCM, uncompressed`,
    );
  }
  return { alg, enc, header, aad: Buffer.from(head), encryptedKey, iv, ciphertext, tag };
}

function textOf(bytes: Uint8Array | undefined): string | undefined {
  try {
    return bytes && new TextDecoder('utf-8', { fatal: true }).decode(bytes as unknown as ArrayBuffer);
  } catch {
    return undefined;
  }
}
