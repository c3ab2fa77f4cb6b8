// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the texts are source code

import { type Mutant, onNginx, unit } from './mutant';

const dpop = (name: string, file: string, text: string, replacement: string, test: string, pattern: string) =>
  unit(`DPoP: ${name}`, file, text, replacement, test, pattern);
const dpopOnNginx = (name: string, file: string, text: string, replacement: string, pattern: string) =>
  onNginx(`DPoP: ${name}`, file, text, replacement, 'integration/dpop', pattern);

const atBearerGate = (name: string, file: string, text: string, replacement: string, pattern: string): Mutant => ({
  ...dpopOnNginx(name, file, text, replacement, pattern),
  test: 'test/integration/bound-access-tokens.test.ts',
});

export const proofs: Mutant[] = [
  dpop(
    'the private half goes out',
    'protocol/dpop',
    "{ typ: 'dpop+jwt', jwk }",
    "{ typ: 'dpop+jwt', jwk: material }",
    'protocol/dpop',
    'never has the private half',
  ),
  dpop('the query stays in htu', 'protocol/dpop', "url.replace(/[?#].*/, '')", 'url', 'protocol/dpop', 'without query'),
  dpop(
    'no ath',
    'protocol/dpop',
    'if (accessToken !== undefined)',
    'if (accessToken === undefined)',
    'protocol/dpop',
    'hash of an access token',
  ),
  dpop(
    'one jti for all',
    'protocol/dpop',
    'jti: randomToken(16)',
    "jti: 'AAAAAAAAAAAAAAAAAAAAAA'",
    'protocol/dpop',
    'another one each time',
  ),
  dpop(
    'a nonce of another server',
    'provider/dpop',
    ".slice(0, 3).join('/')",
    ".slice(0, 1).join('/')",
    'provider/dpop',
    'for that server alone',
  ),
  dpop('asks without end', 'provider/dpop', 'tries === 1 ||', 'tries === -9 ||', 'provider/dpop', 'twice at most'),
  dpop('any nonce is kept', 'provider/dpop', 'wellFormed.test(nonce) &&', '', 'provider/dpop', 'is not made again'),
  dpop(
    'a bearer token does',
    'protocol/token-response',
    'said.toLowerCase() !== type.toLowerCase()',
    '!/^(dpop|bearer)$/i.test(said)',
    'protocol/token-response',
    'exactly where one was proved',
  ),
  dpopOnNginx(
    'the request does not name the key',
    'protocol/authorization-request',
    "pairs.push(['dpop_jkt', request.dpopJkt]);",
    '',
    'that the authorization request named',
  ),
  dpopOnNginx(
    'a renewal takes a new key',
    'steps/refresh-tokens',
    'old.dpopKey || (context.config.dpop',
    '(context.config.dpop',
    'which renewals go on with',
  ),
  dpopOnNginx(
    'the proof stays for the next call',
    'provider/call',
    "request.dpop || ''",
    "request.dpop || r.variables.oidc_provider_dpop || ''",
    'that the authorization request named',
  ),
  ...(
    [
      ['htm', 'htm !== method', 'htm === undefined', 'is refused'],
      ['htu', 'normal(htu) !== normal(', 'false && normal(htu) !== normal(', 'is refused'],
      ['the age', 'iat >= now - oldestProof - clockSkew', 'iat >= 0', 'is refused'],
      ['the future', 'iat <= now + clockSkew', 'iat <= now + 1e9', 'is refused'],
      ['ath', 'constantTimeEqual(ath, await accessTokenHash(accessToken))', 'ath.length > 0', 'is refused'],
      ['typ', "jws.header.typ !== 'dpop+jwt'", "jws.header.typ === 'x'", 'of type'],
      ['the signature', 'await verifyJws(', 'void verifyJws; (async (..._: unknown[]) => {})(', 'by another key'],
      ['private keys', 'privateMembers.some((name) => jwk[name] !== undefined)', 'false', 'by another key'],
    ] as const
  ).map(([what, text, replacement, pattern]) =>
    dpop(
      `${what} of a program's proof is not checked`,
      'protocol/dpop-proof',
      text,
      replacement,
      'protocol/dpop-proof',
      pattern,
    ),
  ),
  atBearerGate(
    'a proof may come again',
    'steps/prove-token',
    'if (!isFirst) {',
    'if (false) {',
    'a proof that was used',
  ),
  atBearerGate(
    'a plain token passes where tokens must be bound',
    'protocol/access-token',
    "bound === 'off' || names.some(",
    "bound !== 'x' || names.some(",
    'a plain token is refused',
  ),
  {
    ...atBearerGate('what passed elsewhere passes where tokens must be bound', 'x', '', '', 'a plain token is refused'),
    file: 'nginx/openid_connect.server_conf',
    text: '$oidc_tenants\\t$oidc_bearer_bound\\t',
    replacement: '$oidc_tenants\\toff\\t',
  },
  dpop(
    'the profile takes plain tokens',
    'config/profile',
    'bearer_bound: boundUnder(profile, config.bearer_bound),',
    '',
    'config/profile',
    'takes bound access tokens alone',
  ),
  onNginx(
    'DPoP: each machine remembers proofs for itself',
    'visit/session-room',
    'onceOnAll: shared && (',
    'onceOnAll: undefined && (',
    'integration/shared-proofs',
    'over all machines',
  ),
  onNginx(
    'DPoP: a store that is away lets proofs pass',
    'visit/session-room',
    "shared.add(entry, '1', ttl))",
    "shared.add(entry, '1', ttl).catch(() => true))",
    'integration/shared-proofs',
    'count for nothing',
  ),
  atBearerGate(
    'a bound token passes as Bearer',
    'protocol/access-token',
    '!names.every(holds)',
    'false',
    'no use without the key',
  ),
  atBearerGate(
    'any proof does',
    'protocol/access-token',
    'bound[name] === known[name]',
    "typeof bound[name] === 'string'",
    'no use without the key',
  ),
  atBearerGate(
    'a token need not be bound to its proof',
    'protocol/access-token',
    "return jkt === '' ? undefined : 'it came",
    "return jkt !== 'x' ? undefined : 'it came",
    'and to nothing else',
  ),
  atBearerGate(
    'a bound token is kept',
    'handlers/continue-bearer',
    'if (verified.claims.cnf === undefined)',
    'if (true)',
    'and with no other',
  ),
];
