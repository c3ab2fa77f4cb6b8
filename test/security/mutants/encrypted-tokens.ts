// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the texts are source code

import { type Mutant, onNginx, unit } from './mutant';

const jwe = (name: string, file: string, text: string, replacement: string, pattern: string) =>
  unit(name, `protocol/${file}`, text, replacement, 'protocol/jwe', pattern);
const encryption = (name: string, file: string, text: string, replacement: string, pattern: string) =>
  onNginx(name, file, text, replacement, 'integration/encrypted-tokens', pattern);

export const encryptedTokens: Mutant[] = [
  jwe(
    'JWE: the MAC is not checked',
    'jwe-content',
    '!constantTimeEqual(encodeBase64url(mac), encodeBase64url(tag))',
    'false',
    'any part of it was changed',
  ),
  jwe(
    'JWE: the MAC covers no header',
    'jwe-content',
    'joined([aad, iv, ciphertext,',
    'joined([iv, ciphertext,',
    'with A128CBC-HS256 opens',
  ),
  jwe('JWE: a short tag', 'jwe-content', 'iv.length !== 12 || tag.length !== 16', 'false', 'IV than of 96 bits'),
  jwe(
    'JWE: a key of any length',
    'jwe-content',
    'if (key.length !== size)',
    'if (key.length > size)',
    'another length',
  ),
  jwe('JWE: zip is overlooked', 'jwe', "['zip', 'crit', 'b64']", "['crit', 'b64']", 'with zip is refused'),
  jwe('JWE: crit is overlooked', 'jwe', "['zip', 'crit', 'b64']", "['zip', 'b64']", 'with crit is refused'),
  jwe(
    'JWE: an algorithm of the prototype',
    'jwe-content',
    'Object.assign(Object.create(null), {\n  A128GCM',
    'Object.assign({}, {\n  A128GCM',
    'is refused, and says what to use',
  ),
  jwe('JWE: any key management is RSA-OAEP', 'jwe-key', '!!oaepHash[alg]', 'true', 'is refused, and says what to use'),
  jwe(
    'JWE: keys for signatures decrypt',
    'jwe',
    "(key.use === undefined || key.use === 'enc') &&",
    '',
    'for signatures',
  ),
  jwe(
    'JWE: a key for one algorithm serves another',
    'jwe',
    '(key.alg === undefined || key.alg === jwe.alg) &&',
    '',
    'for another algorithm',
  ),
  encryption(
    'an ID token need not be encrypted',
    'provider/decrypt',
    'require_encryption.indexOf(kind) >= 0',
    'false',
    'refused where it must be',
  ),
  encryption(
    'signed UserInfo is not verified',
    'provider/userinfo',
    'await verifySignature(jws, providerKeys(context, metadata), config.id_token_algs)',
    '(jws as never)',
    'UserInfo that does not hold',
  ),
  encryption(
    'the session keeps the encrypted token',
    'steps/refresh-tokens',
    'tokens.idToken = idToken.raw',
    'tokens.idToken = answer.idToken',
    'renewed ID token may be',
  ),
];
