import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import flow from '../../../src/flow';
import { sessionEntry } from '../../../src/session/record';
import { sessionRoom } from '../../../src/visit/session-room';
import { fakeZones, removeZonesAfterwards, siteVariables } from '../../support/fake-ngx';
import { fakeRequest } from '../../support/fake-request';
import { type MemorySharedStore, memorySharedStore } from '../../support/memory-shared-store';
import { scopeOf, sessionRecord, tokenRecord } from '../../support/session-fixture';

let shared: MemorySharedStore;
vi.mock('../../../src/store/redis', () => ({
  sharedStoreOf: () => shared,
  askVersion: (_r: unknown, key: string) => shared.version(key),
}));

removeZonesAfterwards();
let now = 0;
beforeEach(() => {
  Object.assign(globalThis, { loadFlow: () => flow });
  shared = memorySharedStore(Math.floor(Date.now() / 1000));
  now = Date.now();
  vi.spyOn(Date, 'now').mockImplementation(() => now);
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** A machine's gate, and a session that was made on another machine, unless told. */
async function gateOf(changes = {}, settings: Record<string, string> = {}) {
  const zones = fakeZones();
  const variables = { oidc_store: '1', oidc_store_freshness: '5', oidc_store_grace: '60', ...settings };
  const elsewhere = sessionRoom(fakeRequest(variables)).sessions(scopeOf());
  const record = sessionRecord(zones.now, { renewAt: 0, expiresAt: 0, ...changes });
  const session = await elsewhere.create(record, tokenRecord(), zones.now);
  zones.oidc_sessions.entries.clear();
  vi.resetModules();
  const { authRequest } = await import('../../../src/handlers/auth-request');
  return {
    zones,
    session,
    elsewhere,
    pass(seconds: number) {
      now += seconds * 1000;
      zones.oidc_sessions.now += seconds;
      shared.now += seconds;
    },
    async ask(cookie = `auth_token=${session.secret}`, said = ' ') {
      const r = fakeRequest({
        ...variables,
        http_cookie: cookie,
        http_oidc_site: `http ${scopeOf().site}\t\t\t\t${said}.`,
      });
      await authRequest(r);
      return r;
    },
  };
}

describe('the gate of a machine with a shared store', () => {
  it('looks there under the name that the cookie has', async () => {
    const { ask, zones } = await gateOf();
    const scope = { ...scopeOf(), cookieName: '__Secure-sid' };
    const named = sessionRoom(fakeRequest({ oidc_store: '1' })).sessions(scope);
    const { secret } = await named.create(sessionRecord(zones.now, { renewAt: 0 }), tokenRecord(), zones.now);
    zones.oidc_sessions.entries.clear();
    expect((await ask(`__Secure-sid=${secret}`, 'sid ')).status).toBe(401);
    expect((await ask(`__Secure-sid=${secret}`, 'sid example.com')).status).toBe(204);
  });

  it('opens for a session that another machine made, and then needs no store for a while', async () => {
    const { ask } = await gateOf({ wants: 'a' });
    const first = await ask();
    expect([first.status, first.headersOut]).toMatchObject([
      204,
      { jwt_claim_sub: 'alice', access_token: 'access-token-1' },
    ]);
    const asked = { ...shared.asked };
    expect((await ask()).headersOut).toEqual(first.headersOut);
    expect(shared.asked).toEqual(asked);
  });

  it('stays shut for what the store does not know', async () => {
    const { ask } = await gateOf();
    expect((await ask(`auth_token=${'A'.repeat(43)}`)).status).toBe(401);
    expect((await ask('auth_token=short')).status).toBe(401);
    expect((await ask('')).status).toBe(401);
    expect(shared.asked.read).toBe(1);
  });

  it('asks for the version alone when the time of trust is over, and trusts the copy again', async () => {
    const { ask, pass } = await gateOf({ wants: 'i' });
    await ask();
    await ask();
    for (let round = 0; round < 3; round++) {
      pass(5);
      expect((await ask()).headersOut).toMatchObject({ id_token: 'id-token-1' });
      expect((await ask()).status).toBe(204);
    }
    expect([shared.asked.read, shared.asked.version]).toEqual([1, 3]);
  });

  it('asks with each request where no copy is trusted', async () => {
    const { ask } = await gateOf({}, { oidc_store_freshness: '0' });
    for (let n = 0; n < 5; n++) expect((await ask()).status).toBe(204);
    expect(shared.asked.version).toBe(4);
  });

  it('shuts within the time of trust when the session ends elsewhere', async () => {
    for (const listens of [true, false]) {
      const { ask, pass, session, zones } = await gateOf();
      await ask();
      if (!listens) zones.oidc_sessions.set('feed:listening', '1', 60); // somebody else did
      await shared.end([sessionEntry(session.key)], 180);
      pass(5);
      expect((await ask()).status).toBe(401);
    }
  });

  it('shuts at once for what it hears of, by the request of somebody else', async () => {
    const { ask, pass, session, elsewhere, zones } = await gateOf({}, { oidc_store_freshness: '300' });
    const other = await elsewhere.create(
      sessionRecord(zones.now, { renewAt: 0, expiresAt: 0 }),
      tokenRecord(),
      zones.now,
    );
    await ask();
    await shared.end([sessionEntry(session.key)], 180);
    pass(1);
    expect((await ask()).status, 'nobody has listened').toBe(204);
    zones.oidc_sessions.delete(sessionEntry(other.key));
    await ask(`auth_token=${other.secret}`);
    expect((await ask()).status).toBe(401);
  });

  it('takes what a renewal elsewhere brought', async () => {
    const { ask, pass, session } = await gateOf();
    await ask();
    const another = sessionRoom(fakeRequest({ oidc_store: '1', oidc_store_freshness: '0' })).sessions(scopeOf());
    const found = (await another.latest(session.secret, Math.floor(now / 1000))) as typeof session;
    found.record.variables = { jwt_claim_sub: 'alice', oidc_claim_name: 'Alice' };
    await another.update(found, tokenRecord({ refreshToken: 'second' }), Math.floor(now / 1000));
    pass(5);
    expect((await ask()).headersOut).toMatchObject({ oidc_claim_name: 'Alice' });
  });

  it('goes on while the store is away, is told so once, and lets @continue_session show it to others', async () => {
    const { ask, pass } = await gateOf();
    await ask();
    shared.trouble = 'unreachable';
    pass(5);
    const first = await ask();
    expect([first.status, first.log.length]).toEqual([204, 1]);
    for (let n = 0; n < 10; n++) expect([(await ask()).status, (await ask()).log]).toEqual([204, []]);
    const stranger = await ask(`auth_token=${'A'.repeat(43)}`);
    expect([stranger.status, stranger.log]).toEqual([409, []]);
    pass(60);
    expect((await ask()).status).toBe(409);
  });

  it('does not bring a copy back that ended while it was asked about', async () => {
    const { ask, pass, session, elsewhere, zones } = await gateOf();
    await ask();
    zones.oidc_sessions.set('feed:listening', '1', 60); // somebody has, so that this request does nothing else
    const { set } = zones.oidc_sessions;
    zones.oidc_sessions.set = (key, value, ttl) => {
      zones.oidc_sessions.set = set;
      void elsewhere.end(session); // by another worker of this machine
      set(key, value, ttl);
    };
    pass(5);
    await ask();
    expect(zones.oidc_sessions.get(sessionEntry(session.key))).toBeUndefined();
    expect((await ask()).status).toBe(401);
  });
});

describe('somebody whose session cannot be looked up', () => {
  it.each(['store_unreachable', 'store_refused', 'store_full'])(
    'sees a page, and no line is written (%s)',
    async (code) => {
      fakeZones();
      const r = fakeRequest({ ...siteVariables, request_uri: '/', oidc_gate_error: `${code} the cause` });
      await flow.auth(r);
      expect([r.status, r.log]).toEqual([503, []]);
      expect(r.body).toContain('Please try again in a minute');
      expect(r.body).not.toContain('the cause');
    },
  );
});
