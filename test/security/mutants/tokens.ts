// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the texts are source code

import { idToken, type Mutant, unit } from './mutant';

const jws = (name: string, text: string, replacement: string, pattern: string) =>
  unit(name, 'protocol/jws', text, replacement, 'protocol/jws', pattern);
const jwks = (name: string, text: string, replacement: string, pattern: string) =>
  unit(name, 'protocol/jwks', text, replacement, 'protocol/jwks', pattern);

export const tokens: Mutant[] = [
  idToken('nonce not checked', 'constantTimeEqual(claims.nonce, wanted)', 'true', 'not the one of this login'),
  idToken(
    'iss compared by prefix',
    'claims.iss === issuer ?',
    'String(claims.iss).startsWith(issuer) ?',
    'is not the issuer',
  ),
  idToken('any aud', 'list.indexOf(clientId) >= 0 &&', '', 'is not this client'),
  idToken(
    'azp not needed',
    '? \'several "aud" and no "azp"\' : undefined',
    '? undefined : undefined',
    'several audiences',
  ),
  idToken('any azp', 'return azp === clientId ?', 'return azp !== undefined ?', 'whatever aud says'),
  idToken('exp not checked', 'isTime(exp) && exp > now - clockSkew', 'isTime(exp)', 'less than the clock skew'),
  idToken(
    'a clock skew of a year',
    'exp > now - clockSkew',
    'exp > now - clockSkew - 31536000',
    'less than the clock skew',
  ),
  idToken('iat not checked', 'isTime(iat) && iat <= now + clockSkew', 'isTime(iat)', 'iat may lie ahead'),
  idToken('nbf not checked', '(isTime(nbf) && nbf <= now + clockSkew)', 'isTime(nbf)', 'nbf may be missing'),
  idToken(
    'any number is a time',
    "typeof value === 'number' && value >= 0 && value < 1e11",
    'Number(value) >= 0',
    'is no time',
  ),
  idToken('at_hash not checked', 'constantTimeEqual(claim, half)', 'claim.length > 0', 'at_hash'),
  idToken('an empty sub', "sub !== '' &&", '', 'is nobody'),
  idToken(
    'a renewed token of anybody',
    'sub === previous.sub && iss === previous.iss',
    'iss === previous.iss',
    'of the same person',
  ),
  idToken('a rule forgotten', 'nonce, sameAsBefore];', 'sameAsBefore];', 'not the one of this login'),
  jws(
    'alg taken from the token',
    'options.algorithms.indexOf(alg) >= 0 ? algorithmOf(alg) : undefined',
    'algorithmOf(alg)',
    'does not list the algorithm',
  ),
  jws(
    'the signature is not looked at',
    'return await crypto.subtle.verify(',
    'return !!crypto.subtle.verify(',
    'changed anywhere',
  ),
  unit('Ed25519 by the lax rules', 'eddsa/index', 'zip215: false', 'zip215: true', 'eddsa/index', 'of small order'),
  unit(
    'Ed25519: anything but an error verifies',
    'protocol/jws',
    ') === true;',
    ') !== undefined;',
    'eddsa/index',
    'anything but yes',
  ),
  jwks('an Ed25519 key of any length', '?.length === 32', '?.length !== 0', 'of Ed25519 with 31 bytes'),
  unit(
    'a DPoP proof by EdDSA',
    'protocol/dpop-proof',
    '.filter((name) => !/^Ed/.test(name))',
    '',
    'protocol/dpop-proof',
    'by EdDSA',
  ),
  jws('an unreadable key verifies', 'return false; // a key', 'return true; // a key', 'cannot read verifies nothing'),
  jws('crit not looked at', "['crit', 'b64', 'enc', 'zip']", "['b64', 'enc', 'zip']", 'has crit'),
  jws('tokens without end', 'const mostBytes = 262144;', 'const mostBytes = 1e9;', '256 KB'),
  jws('three parts or more', 'parts.length === 3', 'parts.length >= 3', 'four parts'),
  unit(
    'a lax alphabet',
    'protocol/base64url',
    "return bytes.toString('base64url') === text ? bytes : undefined;",
    'return bytes;',
    'protocol/base64url',
    'in one way only|bits beyond',
  ),
  jwks('HS256 with a public key', 'key.kty === algorithm.kty &&', '', 'of its kind and curve only'),
  jwks(
    'kid ignored',
    '(key.kid === undefined || header.kid === undefined || key.kid === header.kid)',
    'true',
    'have its kid',
  ),
  jwks("the key's alg ignored", '(key.alg === undefined || key.alg === header.alg) &&', '', 'name another algorithm'),
  jwks('RSA of 1024 bits', 'const leastRsaBytes = 256;', 'const leastRsaBytes = 128;', 'RSA with 2040 bits'),
  jwks('a key for encryption signs', "value.use !== undefined && value.use !== 'sig'", 'false', 'for encryption'),
  jwks(
    'the kind of key is not a text',
    "membersByType[stringMember(value, 'kty') as",
    'membersByType[value.kty as',
    'cannot become a text',
  ),
];
