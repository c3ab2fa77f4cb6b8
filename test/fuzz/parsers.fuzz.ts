import { chooseLanguage } from '../../src/browser/accept-language';
import { parseCookies, withoutOwnCookies } from '../../src/browser/cookies';
import { gateCookies } from '../../src/browser/gate-cookies';
import { renderDocument } from '../../src/browser/page';
import { readPageSettings } from '../../src/config/page-settings';
import { authorizationParameters, authorizationUrl } from '../../src/protocol/authorization-request';
import { parseAuthorizationResponse } from '../../src/protocol/authorization-response';
import { isBearer } from '../../src/protocol/bearer-scheme';
import { bearerToken } from '../../src/protocol/bearer-token';
import { claimHeader, claimText } from '../../src/protocol/claims';
import { parseMetadata } from '../../src/protocol/discovery';
import { frontChannelSid, isGuessable } from '../../src/protocol/front-channel-logout';
import { activeToken, parseIntrospection } from '../../src/protocol/introspection-response';
import { parseLoginInitiation } from '../../src/protocol/login-initiation';
import { encodeForm, parseParameters } from '../../src/protocol/parameters';
import { compilePattern } from '../../src/protocol/pattern';
import { safeReturnPath } from '../../src/protocol/return-path';
import { denialOf, parseRule } from '../../src/protocol/rule';
import { parseTokenResponse } from '../../src/protocol/token-response';
import { parseUserinfo } from '../../src/protocol/userinfo';
import { decodeRecord, encodeRecord } from '../../src/session/record';
import { isLoop, parseAttempts } from '../../src/session/sign-in-attempts';
import { document } from './documents';
import { fuzz, invariant } from './fuzz';
import { corpus, text } from './texts';

const ours = /^(?:__Host-)?(?:auth_token|oidc_attempts|oidc_login_.*)$/;
const expectedTags = [
  '<html',
  '<head',
  '<meta',
  '<title',
  '</title',
  '<style',
  '</style',
  '<link',
  '</head',
  '<body',
  '<div',
  '<header',
  '<img',
  '</header',
  '<main',
  '<h1',
  '</h1',
  '</main',
  '<footer',
  '<a',
  '</a',
  '</footer',
  '</div',
  '</body',
  '</html',
];
const lineBreaker = /[\x00-\x1f\x7f]/;

const cookies = corpus('cookies');
fuzz(
  'cookies',
  (random) => text(random, cookies),
  (header) => {
    const kept = withoutOwnCookies(header);
    invariant('the application never gets our cookies', !parseCookies(kept).some(({ name }) => ours.test(name)));
    invariant('nothing is left to remove', withoutOwnCookies(kept) === kept);
    const { tlsSecret, plainSecret } = gateCookies(header);
    const values = (name: string) => [
      '',
      ...parseCookies(header).flatMap((one) => (one.name === name ? one.value : [])),
    ];
    invariant('a secret is the value of its cookie', values('auth_token').includes(plainSecret));
    invariant('a prefix is part of the name', values('__Host-auth_token').includes(tlsSecret));
    const shared = gateCookies(header, { name: 'theme', isShared: true });
    invariant('nor under a name of the operator', !parseCookies(shared.others).some(({ name }) => name === 'theme'));
    const [first, ...more] = new Set(
      header
        .split(';')
        .map((pair) => pair.trim())
        .flatMap((pair) => (pair.startsWith('theme=') ? pair.slice(6).trim() : []))
        .filter((value) => value !== ''),
    );
    invariant('several that differ are none', shared.plainSecret === (more.length > 0 ? '?' : (first ?? '')));
    for (const { name, value } of parseCookies(header)) {
      invariant('no pair reaches into the next', !name.includes('=') && !`${name}${value}`.includes(';'));
    }
  },
);

const languages = corpus('languages');
const offered = ['en', 'de', 'fr', 'es', 'ja', 'pt', 'zh-Hans'];
fuzz(
  'the language of a page',
  (random) => text(random, languages),
  (header) => {
    const language = chooseLanguage(header, offered);
    invariant('a page is in a language that is offered', offered.includes(language));
    invariant(
      'the order of what is offered decides only where the browser does not',
      (() => {
        const [main = ''] = language.split('-');
        return language === 'en' || header.includes('*') || header.toLowerCase().includes(main);
      })(),
    );
    invariant(
      'what is asked for first, by its own name, is what it is',
      chooseLanguage(`ja,${header}`, offered) === 'ja' || /ja/i.test(header) || header.length > 990,
    );
  },
);

const looks = corpus('paths');
fuzz(
  'the look of pages',
  (random) => text(random, looks),
  (value) => {
    const problems: string[] = [];
    const look = readPageSettings(
      () => value,
      (problem) => problems.push(problem),
    );
    const html = renderDocument(
      { language: 'en', say: (english) => english, script: undefined, look, nonce: 'n' },
      't',
      '',
    );
    const tags = html.replace(/="[^"]*"/g, '').match(/<\/?\w+/g) ?? [];
    invariant(
      'no value brings an element',
      tags.every((tag) => expectedTags.includes(tag)),
    );
    const urls = [...html.matchAll(/(?:href|src)="([^"]*)"/g)].map(([, url = '']) => url);
    invariant(
      'every address is of this site, or of a kind that runs nothing',
      urls.every((url) => /^(?:\/(?![/\\])|https:\/\/|mailto:|data:image\/)/.test(url)),
    );
    invariant(
      'a style is a colour',
      /^:root\{--own:#(?:[\da-f]{3}|[\da-f]{6});--on-own:#(?:fff|000)\}:root/i.test(html.slice(html.indexOf(':root'))),
    );
  },
);

const rules = corpus('rules');
const someClaims = { sub: 'alice', groups: ['a,b', 'staff', 'Füße'], n: 3, o: { p: ['x'] }, t: true };
fuzz(
  'rules on claims',
  (random) => text(random, rules),
  (rule) => {
    const parsed = parseRule(rule);
    if ('problem' in parsed) {
      invariant('a problem has its place', parsed.problem !== '' && parsed.at >= 1 && parsed.at <= rule.length + 1);
      return;
    }
    invariant('a rule asks for something', parsed.statements.length > 0);
    invariant(
      'whoever has no claims meets a rule only by a claim that is missing',
      denialOf(parsed, {}) !== undefined || rule.includes('missing'),
    );
    denialOf(parsed, someClaims);
    const again = parsed.statements.map((statement) => statement.text).join(';');
    const reread = parseRule(again);
    invariant(
      'what the log shows means the same',
      !('problem' in reread) &&
        (denialOf(reread, someClaims) === undefined) === (denialOf(parsed, someClaims) === undefined),
    );
  },
);

const patterns = corpus('patterns');
fuzz(
  'patterns of rules',
  (random) => text(random, patterns),
  (source) => {
    let matches: (text: string) => boolean;
    try {
      matches = compilePattern(source);
    } catch {
      return;
    }
    for (const one of ['', 'a', 'ab', 'aaaa', 'a@example.com', 'Füße😀', source]) {
      let standard: boolean;
      try {
        standard = new RegExp(`^(?:${source.replace(/^\^/, '').replace(/([^\\]|^)\$$/, '$1')})$`, 'su').test(one);
      } catch {
        return; // the standard is stricter about escapes
      }
      const hasBlankClass = /\\[sS]/.test(source); // the standard counts blanks of all scripts
      invariant('the standard agrees', hasBlankClass || matches(one) === standard);
    }
    matches('a'.repeat(1024));
  },
);

const queries = corpus('queries');
fuzz(
  'query strings',
  (random) => text(random, queries),
  (query) => {
    const parameters = parseParameters(query);
    if (parameters) {
      const pairs = Object.entries(parameters) as [string, string][];
      const again = parseParameters(encodeForm(pairs));
      invariant('a form says the same again', JSON.stringify(Object.entries(again ?? {})) === JSON.stringify(pairs));
      const standard = new URLSearchParams(`&${query}`);
      for (const [name, value] of pairs) invariant('the standard agrees', standard.get(name) === value);
    }
    const { state, ...response } = parseAuthorizationResponse(query);
    invariant('a code has a state; an error may lack it', state !== '' || 'error' in response);
    invariant('a response has either a code or an error', 'code' in response !== 'error' in response);
  },
);

fuzz(
  'front-channel logouts',
  (random) => text(random, queries),
  (query) => {
    const sid = frontChannelSid(query, ['https://idp.test']);
    const standard = new URLSearchParams(`&${query}`);
    invariant('the sid is the one there is', standard.getAll('sid').join() === sid && sid !== '');
    invariant(
      'the issuer is the own',
      standard.getAll('iss').every((iss) => iss === 'https://idp.test'),
    );
    invariant('what cannot be guessed is long', isGuessable(sid) || sid.length >= 16);
  },
);

fuzz(
  'extra arguments',
  (random) => text(random, queries),
  (extraArgs) => {
    const own = { clientId: 'C', redirectUri: 'https://app.test/_codexch', scope: 'openid', state: 'S', nonce: 'N' };
    const parameters = authorizationParameters({ ...own, extraArgs });
    const url = new URL(authorizationUrl('https://idp.test/authorize', parameters));
    invariant('the request goes to the provider', url.origin === 'https://idp.test' && url.pathname === '/authorize');
    const pairs = [...url.searchParams.keys()];
    for (const name of ['client_id', 'redirect_uri', 'state', 'nonce', 'response_type']) {
      invariant(`${name} is there once`, pairs.filter((other) => other === name).length === 1);
    }
  },
);

const paths = corpus('paths');
const origin = 'https://app.test';
fuzz(
  'redirect paths',
  (random) => text(random, paths),
  (uri) => {
    const path = safeReturnPath(uri);
    invariant('it is a path in visible ASCII', /^\/[\x21-\x7e]{0,1999}$/.test(path));
    invariant('it stays on the origin', new URL(path, origin).origin === origin);
    invariant('it stays where it is', safeReturnPath(path) === path);
  },
);

fuzz(
  'targets of logins that others begin',
  (random) => text(random, paths),
  (target) => {
    const query = new URLSearchParams({ iss: 'https://idp.test', target_link_uri: target });
    const { path } = parseLoginInitiation(String(query), ['https://idp.test'], origin);
    invariant('it is a path in visible ASCII', /^\/[\x21-\x7e]{0,1999}$/.test(path));
    invariant('it stays on the origin', new URL(path, origin).origin === origin);
  },
);

const metadata = corpus('metadata');
fuzz(
  'discovery documents',
  (random) => document(random, metadata),
  (json) => {
    const found = parseMetadata(json, 'https://idp.test') as unknown as Record<string, unknown>;
    invariant('it is the one configured', found.issuer === 'https://idp.test');
    invariant('the cache can keep it', JSON.stringify(JSON.parse(JSON.stringify(found))) === JSON.stringify(found));
    for (const name of Object.keys(found).filter((one) => /_endpoint$|_uri$/.test(one))) {
      const url = String(found[name]);
      invariant(`${name} is https without a line break`, /^https:\/\/[\x21-\x7e]+$/.test(url));
    }
  },
);

const responses = corpus('token-responses');
fuzz(
  'token responses',
  (random) => ({ status: random.pick([200, 200, 200, 400, 401, 500, 302]), json: document(random, responses) }),
  ({ status, json }) => {
    const tokens = parseTokenResponse(status, 'application/json', json);
    invariant('only 200 brings tokens', status === 200);
    invariant('no token breaks a line', !lineBreaker.test(tokens.accessToken + (tokens.refreshToken ?? '')));
    encodeForm([['refresh_token', tokens.refreshToken ?? '']]);
    const { expiresIn = 1 } = tokens;
    invariant('a lifetime is one', Number.isInteger(expiresIn) && expiresIn >= 0 && expiresIn < 1e9);
  },
);

const userinfo = corpus('userinfo');
fuzz(
  'userinfo',
  (random) => document(random, userinfo),
  (json) => {
    const claims = parseUserinfo('application/json', json, 'alice');
    invariant('it is of the right person', claims.sub === 'alice');
    for (const name of Object.keys(claims)) {
      const header = claimHeader(claims[name], { mostBytes: 8000, separator: ',' }) ?? { text: '' };
      invariant('no claim breaks a line', 'problem' in header || !lineBreaker.test(header.text));
      invariant('a claim is whole', 'problem' in header || header.text === (claimText(claims[name]) ?? ''));
    }
  },
);

const attempts = corpus('attempts');
fuzz(
  'attempts cookie',
  (random) => text(random, attempts),
  (value) => {
    const found = parseAttempts(value, 1_800_000_000);
    invariant('it counts', Number.isInteger(found.count) && found.count >= 0 && found.count < 10_000);
    invariant('its error is a reference', /^[0-9a-f]{0,32}$/.test(found.lastError));
    invariant('it begins in the last minute', Math.abs(1_800_000_000 - found.since) <= 60);
    isLoop(found);
  },
);

const claimValues = corpus('userinfo').concat(corpus('records'));
fuzz(
  'session records',
  (random) => text(random, claimValues),
  (value) => {
    const record = {
      variables: { jwt_claim_sub: value.replace(/[\x00-\x1f\x7f]/g, '') },
      wants: 'aid',
      endsAt: 1_800_003_600,
      idleTimeout: 3600,
      usedAt: 1_800_000_000,
      renewAt: 0,
      expiresAt: 0,
      accessTokenEndsAt: 1_800_000_300,
      tokenSet: '',
    };
    const back = decodeRecord(encodeRecord(record));
    invariant('a record comes back as it went', JSON.stringify(back) === JSON.stringify(record));
    const found = decodeRecord(value);
    if (found) {
      const times = [found.endsAt, found.idleTimeout, found.usedAt, found.renewAt, found.expiresAt];
      invariant(
        'a record has times that count',
        times.every((time) => time >= 0 || Number.isNaN(time)),
      );
    }
  },
);

const authorization = corpus('authorization');
fuzz(
  'Authorization headers',
  (random) => text(random, authorization),
  (header) => {
    const token = bearerToken(header);
    invariant('its scheme is Bearer or DPoP', isBearer(header) && /^(?:bearer|dpop) /i.test(header));
    invariant('a token is one word of the header', header.trim().split(/ +/)[1] === token);
    invariant('a token has no character that means something', /^[A-Za-z0-9._~+/=-]+$/.test(token));
  },
);

const introspection = corpus('introspection');
const api = { issuer: 'https://idp.test', audiences: ['api'], now: 1_800_000_000, clockSkew: 30 };
fuzz(
  'introspection responses',
  (random) => ({ status: random.pick([200, 200, 200, 400, 401, 500]), json: document(random, introspection) }),
  ({ status, json }) => {
    const answer = parseIntrospection(status, 'application/json', json);
    const { claims, scopes, exp } = activeToken(answer, api);
    invariant('only 200 with active is a word on a token', status === 200 && answer?.active === true);
    invariant('it is for this API', [claims.aud].flat().includes('api'));
    invariant('it is of somebody', typeof claims.sub === 'string' && claims.sub !== '');
    invariant('it is of this provider', claims.iss === undefined || claims.iss === api.issuer);
    invariant('it has not ended', exp === undefined || (typeof exp === 'number' && exp > api.now - api.clockSkew));
    invariant('nobody has to prove more', claims.cnf === undefined && claims.nonce === undefined);
    invariant(
      'scopes are words',
      scopes.every((scope) => scope !== '' && !scope.includes(' ')),
    );
  },
);
