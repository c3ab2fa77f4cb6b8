import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import flow from '../../../src/flow';
import type { SessionRecord, TokenRecord } from '../../../src/session/record';
import { lockEntry, sessionEntry } from '../../../src/session/record';
import { sessionsIn } from '../../../src/session/sessions';
import { sharedDictStore } from '../../../src/store/shared-dict';
import { fakeZones, removeZonesAfterwards } from '../../support/fake-ngx';
import { fakeRequest } from '../../support/fake-request';
import { scopeOf, sessionRecord, tokenRecord } from '../../support/session-fixture';

removeZonesAfterwards();
beforeAll(() => {
  Object.assign(globalThis, { loadFlow: () => flow });
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** As /_oidc_auth asks. */
const question = (cookies: string, scheme = 'http', scope = scopeOf(), demands = '\t\t', cookie = ' ') => ({
  http_cookie: cookies,
  http_oidc_site: `${scheme} ${scope.site}\t${demands}\t${cookie}.`,
});

/** A store with one session, and a gate in a context that has just been made. */
async function gateOf(
  changes: Partial<SessionRecord> = {},
  cookieName = 'auth_token',
  tokens: Partial<TokenRecord> = {},
) {
  const zones = fakeZones();
  const sessions = sessionsIn(sharedDictStore('oidc_sessions'), { ...scopeOf(), cookieName });
  const record = sessionRecord(zones.now, { renewAt: 0, expiresAt: 0, ...changes });
  const session = await sessions.create(record, tokenRecord(tokens), zones.now);
  vi.resetModules();
  const { authRequest } = await import('../../../src/handlers/auth-request');
  const ask = async (variables: Record<string, string>) => {
    const r = fakeRequest(variables);
    await authRequest(r);
    return r;
  };
  return { zones, sessions, session, ask, cookie: `${cookieName}=${session.secret}` };
}

const laterBy = (seconds: number) => {
  const then = Date.now() + seconds * 1000;
  vi.spyOn(Date, 'now').mockReturnValue(then);
};

describe('the gate', () => {
  it('opens for the session of the cookie, its claims and the other cookies as headers', async () => {
    const { ask, cookie } = await gateOf();
    const r = await ask(question(`theme=dark; ${cookie}; a=b`));
    expect(r.status).toBe(204);
    expect(r.headersOut).toEqual({ jwt_claim_sub: 'alice', oidc_app_cookies: 'theme=dark; a=b' });
  });

  it.each([
    ['a', { access_token: 'access-token-1' }],
    ['i', { id_token: 'id-token-1' }],
    ['ai', { access_token: 'access-token-1', id_token: 'id-token-1' }],
  ] as const)('passes on the tokens that the location wants (%s)', async (wants, tokens) => {
    const { ask, cookie } = await gateOf({ wants });
    for (const _ of ['read', 'kept']) {
      const r = await ask(question(cookie));
      expect([r.status, r.headersOut]).toEqual([204, { jwt_claim_sub: 'alice', oidc_app_cookies: '', ...tokens }]);
    }
  });

  it('drops an access token that has ended where the configuration says so, and keeps it till then', async () => {
    const accessTokenEndsAt = Math.floor(Date.now() / 1000) + 30;
    const { ask, cookie } = await gateOf({ wants: 'aid', accessTokenEndsAt });
    expect((await ask(question(cookie))).headersOut).toMatchObject({ access_token: 'access-token-1' });
    laterBy(31);
    const r = await ask(question(cookie));
    expect([r.status, r.headersOut.access_token, r.headersOut.id_token]).toEqual([204, undefined, 'id-token-1']);
  });

  it('stays shut where the tokens that the location wants are gone', async () => {
    const { ask, cookie, zones, session } = await gateOf({ wants: 'a' });
    for (const key of zones.oidc_sessions.entries.keys()) {
      if (key !== sessionEntry(session.key)) zones.oidc_sessions.delete(key);
    }
    expect((await ask(question(cookie))).status).toBe(401);
  });

  it.each<[string, (cookie: string) => Record<string, string>]>([
    ['no cookie', () => question('')],
    ['an empty cookie', () => question('auth_token=')],
    ['another secret', () => question(`auth_token=${'T'.repeat(43)}`)],
    ['a secret and more', (cookie) => question(`${cookie}x`)],
    ['half a secret', (cookie) => question(cookie.slice(0, -20))],
    ['another client', (cookie) => question(cookie, 'http', scopeOf('https://idp.test', 'other'))],
    ['another issuer', (cookie) => question(cookie, 'http', scopeOf('https://o.test'))],
    ['who does not know the key of the site', (cookie) => question(cookie, 'http', scopeOf(undefined, undefined, 'x'))],
    ['who says nothing of a site', (cookie) => ({ http_cookie: cookie })],
    ['a plain cookie on a site with TLS', (cookie) => question(cookie, 'https')],
    ['a cookie of the name for TLS with a secret of a site without', (cookie) => question(`__Host-${cookie}`, 'https')],
  ])('stays shut for %s', async (_name, asking) => {
    const { ask, cookie } = await gateOf();
    expect((await ask(question(cookie))).status, 'the owner').toBe(204);
    expect((await ask(asking(cookie))).status).toBe(401);
  });

  it('opens behind a proxy that ends TLS for the cookie that only TLS brings, and not for its secret in a plain one', async () => {
    const { ask, cookie, session } = await gateOf({}, '__Host-auth_token');
    expect((await ask(question(cookie))).status).toBe(204);
    expect((await ask(question(`auth_token=${session.secret}`))).status).toBe(401);
  });

  it('opens on a site without TLS although another application set a cookie of the name for TLS', async () => {
    const { ask, cookie } = await gateOf();
    expect((await ask(question(`__Host-auth_token=${'T'.repeat(43)}; ${cookie}`))).status).toBe(204);
  });

  it.each([
    ['idle for an hour', 3600],
    ['old', 28_800],
  ])('stays shut for a session that is %s, although the store still has it', async (_name, seconds) => {
    const { ask, cookie } = await gateOf();
    expect((await ask(question(cookie))).status).toBe(204);
    laterBy(seconds);
    expect((await ask(question(cookie))).status).toBe(401);
  });

  it('notes the use of a session, and keeps it going by that', async () => {
    const { ask, cookie, sessions, session } = await gateOf();
    laterBy(3000);
    expect((await ask(question(cookie))).status).toBe(204);
    laterBy(3000);
    expect((await ask(question(cookie))).status).toBe(204);
    const found = await sessions.find(session.secret, Date.now() / 1000);
    expect(found?.record.usedAt).toBeGreaterThan(session.record.usedAt);
  });
});

/** An ID token with these claims, whose signature was checked when it came. */
const tokenWith = (claims: Record<string, unknown>) =>
  [{ alg: 'RS256' }, claims, {}].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');

describe('a session cookie with a name or a Domain of its own', () => {
  const named = (cookies: string, said: string, scheme = 'http') => question(cookies, scheme, scopeOf(), '\t\t', said);

  it.each([
    ['sid ', 'http', 'sid'],
    ['sid ', 'https', '__Host-sid'],
    ['sid ', 'http', '__Host-sid'],
    ['sid example.com', 'https', '__Secure-sid'],
    ['sid example.com', 'http', 'sid'],
    [' example.com', 'https', '__Secure-auth_token'],
  ])('opens where the configuration says %j (%s), by %s', async (said, scheme, name) => {
    const { ask, cookie } = await gateOf({}, name);
    for (const _ of ['read', 'kept']) {
      const r = await ask(named(`auth_token=of-the-application; ${cookie}; a=b`, said, scheme));
      expect(r.status).toBe(204);
    }
    for (const other of ['other ', ' ', ' example.com', 'x example.com']) {
      if (other !== said) expect([other, (await ask(named(cookie, other, scheme))).status]).toEqual([other, 401]);
    }
  });

  it.each([
    ['sid ', 'https', 'sid'],
    ['sid ', 'https', '__Secure-sid'],
    ['sid example.com', 'https', 'sid'],
    ['sid example.com', 'https', '__Host-sid'],
  ])('stays shut where it says %j (%s), for the session of %s', async (said, scheme, name) => {
    const { ask, cookie, session } = await gateOf({}, name);
    expect((await ask(named(cookie, said, scheme))).status).toBe(401);
    const right = said === 'sid ' ? '__Host-sid' : '__Secure-sid';
    expect((await ask(named(`${right}=${session.secret}`, said, scheme))).status).toBe(401);
  });

  it('keeps what it found for each of many people, whatever else they all send', async () => {
    const { ask, sessions, zones } = await gateOf({}, 'sid');
    const cookies: string[] = [];
    for (let n = 0; n < 3; n++) {
      const { secret } = await sessions.create(sessionRecord(zones.now, { renewAt: 0 }), tokenRecord(), zones.now);
      cookies.push(`auth_token=${'x'.repeat(60)}; sid=${secret}`);
    }
    for (const cookie of cookies) expect((await ask(named(cookie, 'sid '))).status).toBe(204);
    const hash = vi.spyOn(String.prototype, 'split');
    for (const cookie of cookies) expect((await ask(named(cookie, 'sid '))).status).toBe(204);
    expect(hash.mock.contexts.filter((text) => cookies.includes(String(text)))).toEqual([]);
  });

  it('opens for neither of two that sub-domains may have set, and for the one that a host alone can set', async () => {
    const { ask, cookie } = await gateOf({}, '__Secure-sid');
    for (const both of [
      `${cookie}; __Secure-sid=${'T'.repeat(43)}`,
      `__Secure-sid=${'T'.repeat(43)}; ${cookie}`,
      `__Secure-sid=x; ${cookie}`,
    ]) {
      expect((await ask(named(cookie, 'sid example.com', 'https'))).status).toBe(204);
      expect((await ask(named(both, 'sid example.com', 'https'))).status).toBe(401);
    }
    const own = await gateOf({}, '__Host-sid');
    expect((await own.ask(named(`${own.cookie}; __Host-sid=x`, 'sid ', 'https'))).status).toBe(204);
  });
});

describe('what a location demands', () => {
  const admins = 'groups any admins; email_verified is true\t\t';
  const staff = 'groups any staff\t\t';
  const idToken = tokenWith({ sub: 'alice', groups: ['admins'], email_verified: true, auth_time: 1000, acr: 'mfa' });
  const asking = (cookie: string, demands?: string) => question(cookie, 'http', scopeOf(), demands);

  it('opens to a session whose claims do, and is left to the request itself where they do not', async () => {
    const { ask, cookie } = await gateOf({}, 'auth_token', { idToken });
    for (const _ of ['read', 'kept', 'kept']) {
      for (const [demands, status] of [
        [admins, 204],
        [staff, 409],
        ['\t\t', 204],
        ['x\t\t', 409],
        ['\tmfa\t', 204],
        ['\tgold\t', 409],
      ] as const) {
        expect([demands, (await ask(asking(cookie, demands))).status]).toEqual([demands, status]);
      }
    }
  });

  it('is judged by the claims beside the ID token, too, and the ID token counts more', async () => {
    const besideIdToken = JSON.stringify({ groups: ['staff'], department: 'IT' });
    const { ask, cookie } = await gateOf({}, 'auth_token', { idToken, besideIdToken });
    expect((await ask(asking(cookie, 'department is IT\t\t'))).status).toBe(204);
    expect((await ask(asking(cookie, staff))).status).toBe(409);
  });

  it('is judged once as long as the session is the same, and anew when it was renewed', async () => {
    const { ask, cookie, sessions, session, zones } = await gateOf({}, 'auth_token', { idToken });
    const reads = vi.spyOn(zones.oidc_sessions, 'get');
    for (const demands of [admins, '\tmfa\t', '\t\t']) expect((await ask(asking(cookie, demands))).status).toBe(204);
    reads.mockClear();
    for (const demands of [admins, '\tmfa\t', '\t\t', admins])
      expect((await ask(asking(cookie, demands))).status).toBe(204);
    expect(reads.mock.calls).toHaveLength(4); // the record alone
    const renewed = { ...session, record: { ...session.record, usedAt: session.record.usedAt + 1 } };
    await sessions.update(renewed, tokenRecord({ idToken: tokenWith({ sub: 'alice', groups: ['staff'] }) }), zones.now);
    expect((await ask(asking(cookie, admins))).status).toBe(409);
    expect((await ask(asking(cookie, staff))).status).toBe(204);
  });

  it('is kept of any number of locations, each by itself', async () => {
    const { ask, cookie } = await gateOf({}, 'auth_token', { idToken });
    for (let round = 0; round < 3; round++) {
      for (let n = 0; n < 30; n++) {
        expect((await ask(asking(cookie, `groups any admins x${n}\t\t`))).status).toBe(204);
        expect((await ask(asking(cookie, `groups any x${n}\t\t`))).status).toBe(409);
      }
    }
  });

  it('of the time of the sign-in holds until that is over', async () => {
    const authTime = Math.floor(Date.now() / 1000) - 50;
    const recent = tokenWith({ sub: 'alice', auth_time: authTime });
    const { ask, cookie } = await gateOf({}, 'auth_token', { idToken: recent });
    expect((await ask(asking(cookie, '\t\t60'))).status).toBe(204);
    expect((await ask(asking(cookie, '\t\t40'))).status).toBe(409);
    laterBy(11);
    expect((await ask(asking(cookie, '\t\t60'))).status).toBe(409);
    expect((await ask(asking(cookie, '\t\t90'))).status).toBe(204);
  });

  it('is asked of a session whose use is to be noted, and of one that waits for a renewal', async () => {
    const { ask, cookie } = await gateOf({}, 'auth_token', { idToken });
    laterBy(1000);
    expect((await ask(asking(cookie, staff))).status).toBe(409);
    laterBy(1000);
    expect((await ask(asking(cookie, admins))).status).toBe(204);
  });

  it.each([
    ['cut by a line break', 'http SITE\tgroups any admins;'],
    ['cut by a line break after a full stop', 'http SITE\tgroups any a.'],
    ['cut in what comes after it', 'http SITE\tgroups any admins\tmfa'],
    ['cut at the end', 'http SITE\tgroups any admins\t\t6'],
    ['cut at the end after a full stop', 'http SITE\tgroups any admins\t\t6 .'],
    ['not there', 'http SITE'],
    ['with a tab', 'http SITE\tgroups\tany admins\t\t\t .'],
    ['cut in the domain of the cookie', 'http SITE\tgroups any admins\t\t\t example'],
    ['of a server_conf that names no cookie', 'http SITE\tgroups any admins\t\t.'],
  ])('is left to the request itself where it is %s', async (_name, text) => {
    const { ask, cookie } = await gateOf({}, 'auth_token', { idToken });
    const variables = { http_cookie: cookie, http_oidc_site: text.replace('SITE', scopeOf().site) };
    expect((await ask(variables)).status).toBe(409);
  });

  it('does not open where the claims are gone', async () => {
    const { ask, cookie, zones, session } = await gateOf({}, 'auth_token', { idToken });
    for (const key of zones.oidc_sessions.entries.keys()) {
      if (key !== sessionEntry(session.key)) zones.oidc_sessions.delete(key);
    }
    expect((await ask(asking(cookie, admins))).status).toBe(401);
  });
});

describe('what the gate keeps', () => {
  it('holds no longer than the store says', async () => {
    const { ask, cookie, sessions, session, zones } = await gateOf({ wants: 'a' });
    expect((await ask(question(cookie))).headersOut).toMatchObject({ access_token: 'access-token-1' });
    const renewed = { ...session, record: { ...session.record, variables: { jwt_claim_sub: 'alice', x: 'y' } } };
    await sessions.update(renewed, tokenRecord({ accessToken: 'access-token-2' }), zones.now);
    expect((await ask(question(cookie))).headersOut).toMatchObject({ access_token: 'access-token-2', x: 'y' });
    await sessions.end(session);
    expect((await ask(question(cookie))).status).toBe(401);
  });

  it('is never for other cookies, nor for another site', async () => {
    const { ask, cookie } = await gateOf();
    expect((await ask(question(`${cookie}; a=1`))).headersOut).toMatchObject({ oidc_app_cookies: 'a=1' });
    expect((await ask(question(`${cookie}; a=2`))).headersOut).toMatchObject({ oidc_app_cookies: 'a=2' });
    for (const other of [question(cookie, 'https'), question(cookie, 'http', scopeOf('https://o.test'))]) {
      expect((await ask(question(cookie))).status, 'the owner').toBe(204);
      expect((await ask(other)).status).toBe(401);
    }
  });

  it('ends with the session, although the store still has it', async () => {
    const { ask, cookie } = await gateOf({ endsAt: Math.floor(Date.now() / 1000) + 30 });
    expect((await ask(question(cookie))).status).toBe(204);
    laterBy(31);
    expect((await ask(question(cookie))).status).toBe(401);
  });

  it('saves the hash and the cookies', async () => {
    const { ask, cookie } = await gateOf();
    const first = await ask(question(`theme=dark; ${cookie}`));
    const second = await ask(question(`theme=dark; ${cookie}`));
    expect(second.headersOut).toEqual(first.headersOut);
  });
});

describe('the gate leaves to the request itself', () => {
  const later = { renewAt: 1, expiresAt: 4_000_000_000 };

  it.each<[string, Partial<SessionRecord>]>([
    ['a renewal to begin', later],
    ['a renewal to begin of tokens that have expired', { renewAt: 1, expiresAt: 2 }],
    ['variables that only a script there can set', { wants: 's' }],
    ['an access token that has ended, where that is refused', { wants: 'ar', accessTokenEndsAt: 1 }],
    ['more than fits into an answer', { variables: { oidc_claim_groups: 'x'.repeat(8000) } }],
    ['more than fits into an answer, in bytes', { variables: { oidc_claim_groups: 'ü'.repeat(4000) } }],
  ])('%s', async (_name, changes) => {
    const { ask, cookie } = await gateOf(changes);
    expect((await ask(question(cookie))).status).toBe(409);
  });

  it.each<[string, (made: Awaited<ReturnType<typeof gateOf>>) => void]>([
    ['cannot be read', ({ zones }) => Object.assign(zones.control, { broken: true })],
    ['is missing', () => Object.assign(globalThis, { ngx: {} })],
    [
      'holds nonsense',
      ({ zones }) => {
        for (const key of zones.oidc_sessions.entries.keys()) zones.oidc_sessions.set(key, 'x', 60);
      },
    ],
  ])('a store that %s, so that the error is shown', async (_name, change) => {
    const made = await gateOf();
    change(made);
    expect((await made.ask(question(made.cookie))).status).toBe(409);
  });

  it('no renewal that somebody else began: whoever still has good tokens goes on', async () => {
    const { ask, cookie, zones, session } = await gateOf(later);
    zones.oidc_sessions.add(lockEntry(session.key), '1', 40);
    expect((await ask(question(cookie))).status).toBe(204);
  });

  it('no WebSocket whose tokens are still good, because it would hold a context for as long as it is open', async () => {
    const { ask, cookie } = await gateOf(later);
    expect((await ask({ ...question(cookie), http_upgrade: 'websocket' })).status).toBe(204);
    const expired = await gateOf({ renewAt: 1, expiresAt: 2 });
    expect((await expired.ask({ ...question(expired.cookie), http_upgrade: 'websocket' })).status).toBe(409);
  });

  it('no wait for a renewal under way, which is waited for in the short request', async () => {
    const { ask, cookie, zones, session, sessions } = await gateOf({ renewAt: 1, expiresAt: 2 });
    zones.oidc_sessions.add(lockEntry(session.key), '1', 40);
    const waiting = ask(question(cookie));
    const variables = { jwt_claim_sub: 'renewed' };
    const record = { ...session.record, renewAt: zones.now + 240, expiresAt: zones.now + 300, variables };
    await sessions.update({ ...session, record }, undefined, zones.now);
    await sessions.unlock(session, '1');
    expect((await waiting).headersOut).toMatchObject({ jwt_claim_sub: 'renewed' });
  });

  it('a renewal that nobody does any more', async () => {
    const { ask, cookie, zones, session, sessions } = await gateOf({ renewAt: 1, expiresAt: 2 });
    zones.oidc_sessions.add(lockEntry(session.key), '1', 40);
    const waiting = ask(question(cookie));
    await sessions.unlock(session, '1');
    expect((await waiting).status).toBe(409);
    expect(await sessions.isLocked(session)).toBe(false);
  });
});
