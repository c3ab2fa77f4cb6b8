// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the texts are source code

import { type Mutant, onNginx, unit } from './mutant';

const logoutToken = (name: string, text: string, replacement: string, pattern: string) =>
  unit(name, 'protocol/logout-token', text, replacement, 'protocol/logout-token', pattern);
const backChannel = (name: string, text: string, replacement: string, pattern: string) =>
  unit(name, 'steps/answer-logout-token', text, replacement, 'handlers/back-channel-logout', pattern);

const initiation = (name: string, text: string, replacement: string, pattern: string) =>
  unit(name, 'protocol/login-initiation', text, replacement, 'protocol/login-initiation', pattern);

const onSignOut = (name: string, file: string, text: string, replacement: string, pattern: string) =>
  onNginx(name, file, text, replacement, 'security/sign-out', pattern);

const everywhere = (name: string, text: string, replacement: string, pattern: string) =>
  unit(name, 'steps/sign-out-page', text, replacement, 'handlers/logout', pattern);

export const backChannelLogout: Mutant[] = [
  onSignOut('A34 a logout token for any client', 'protocol/logout-token', 'sharedRules.concat([', '([', 'A34'),
  onSignOut(
    'A35 a replay',
    'steps/answer-logout-token',
    '!(await replays.isFirst(',
    'false && !(await replays.isFirst(',
    'A35',
  ),
  onSignOut('A36 everywhere by GET', 'steps/sign-out-page', "r.method === 'POST' ||", 'true ||', 'A36'),
  onSignOut('A37 a login that replaces a session', 'steps/begin-login', 'if (await isSignedIn())', 'if (false)', 'A37'),
  onSignOut(
    'A38 a page that ends sessions',
    'browser/operator',
    'r.variables.http_sec_fetch_site || r.variables.http_origin',
    'false',
    'A38',
  ),
  onSignOut(
    'A39 a session that is believed without a look',
    'handlers/oidc-login',
    'return session !== undefined;',
    'return sessionSecret !== undefined && now > 0;',
    'A39',
  ),
  unit(
    'a session on NGINX Plus that the back channel does not find',
    'plus/code-exchange',
    '  await linkSession(visit, sid === undefined ? { iss, sub } : { iss, sub, sid }, id);\n',
    '',
    'plus/sign-out',
    'by the back channel ends every session',
  ),
  unit(
    'everywhere on NGINX Plus for another site',
    'plus/logout',
    'if (askedFirst(r, visit.baseUrl))',
    'if (false)',
    'plus/sign-out',
    'everywhere ends',
  ),
  unit(
    'an operator who ends too many',
    'session/all-sessions',
    'began < time',
    'began <= time',
    'session/all-sessions',
    'began before a time',
  ),
  initiation(
    'a login begun for any issuer',
    'if (issuers.indexOf(iss) < 0)',
    'if (false)',
    'an issuer with a slash more',
  ),
  initiation('a login that leads to another origin', '!sameOrigin(origin, baseUrl)', 'false', 'no path of this site'),
  initiation('a login whose path is not checked', "(path === '/' && wanted !== '/')", 'false', 'no path of this site'),
  initiation('a login that ends on half an address', ' || isCut', '', 'no path of this site'),
  initiation('a login hint without end', 'login_hint.length > longestHint', 'false', 'a hint without end'),
  unit(
    'a login hint that overrides the operator',
    'protocol/authorization-request',
    " && extra.every(([name]) => name !== 'login_hint')",
    '',
    'protocol/authorization-request',
    'unless the operator',
  ),
  everywhere('everywhere by any link', "r.method === 'POST' ||", 'true ||', 'a link of the own site'),
  everywhere('everywhere for another site', '!crossSite && (', '(', 'another site by POST'),
  unit(
    'everywhere that leaves people signed in without a word',
    'handlers/logout',
    "    throw incomplete('nobody",
    "    return;\n    throw incomplete('nobody",
    'handlers/logout',
    'nobody knows whose',
  ),
  unit(
    'an access token that stays good although it should not',
    'protocol/revocation-request',
    "alsoAccessToken && tokens.accessToken !== ''",
    'false',
    'protocol/revocation-request',
    'first, then the access token',
  ),
  logoutToken('logout token for any client or of any issuer', 'sharedRules.concat([', '([', 'another (issuer|client)'),
  logoutToken('an old logout token', '<= oldest + clockSkew', '<= Number.MAX_VALUE', 'an iat of long ago'),
  logoutToken('an ID token as a logout token', '[age, event,', '[age,', 'events'),
  logoutToken('a second event', 'members.length === 1 && ', '', 'with one more'),
  logoutToken('a logout token with a nonce', ' whom, noNonce,', ' whom,', 'nonce'),
  logoutToken('a logout token that names nobody', ' whom,', '', 'neither'),
  logoutToken('a logout token without jti', 'noNonce, identifier]', 'noNonce]', 'jti'),
  logoutToken('an access token as a logout token', "type !== 'jwt' &&", 'false &&', 'of type'),
  logoutToken('a logout token by any content type', '\\s*(?:;|$)', '', 'content type that only begins'),
  logoutToken('the replay memory of a century', 'Math.min(exp, iat + oldest)', 'exp', 'until when'),
  unit(
    'a logout token whose signature nobody verifies',
    'provider/verify-signature',
    'return await verifyJws(jws, known, options);',
    "return Object.assign({}, jws, { algorithm: { hash: 'SHA-256' } }) as unknown as VerifiedJws;",
    'handlers/back-channel-logout',
    'has new keys',
  ),
  backChannel(
    'a logout token is good for ever',
    '!(await replays.isFirst(',
    'false && !(await replays.isFirst(',
    'one time',
  ),
  backChannel('back-channel logout by any method', "r.method !== 'POST'", 'false', 'is no (GET|PUT)'),
  backChannel('sid and sub end all of a person', 'sid !== undefined', 'sub === undefined', 'with sid and sub'),
  backChannel('a failed logout uses its token up', '    await replays.forget(token.jti);\n', '', 'may be sent again'),
  unit(
    'the replays of one client are those of another',
    'session/session-id',
    'once\\n${realm}\\n${jti}',
    'once\\n${jti}',
    'handlers/back-channel-logout',
    'for each client',
  ),
  unit(
    'a session that cannot be ended keeps the others',
    'session/session-links',
    'failure = error;',
    'throw error;',
    'session/session-index',
    'one of them cannot',
  ),
];
