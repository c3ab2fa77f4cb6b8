import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import flow from '../../../src/flow';
import { createContext } from '../../../src/visit/context';
import { fakeZones, removeZonesAfterwards, siteVariables } from '../../support/fake-ngx';
import { fakeRequest } from '../../support/fake-request';
import { sessionRecord, tokenRecord } from '../../support/session-fixture';

removeZonesAfterwards();
beforeAll(() => {
  Object.assign(globalThis, { loadFlow: () => flow });
});
afterEach(() => {
  vi.restoreAllMocks();
});

type Zones = ReturnType<typeof fakeZones>;
type Made = { zones: Zones; variables: Record<string, string> };

/** One request to the gate of a site where one session lives: `change` says how it comes. */
async function asked(change: (made: Made, secret: string) => void) {
  const zones = fakeZones();
  const { sessions } = createContext(fakeRequest(siteVariables));
  const record = sessionRecord(zones.now, { renewAt: 0, expiresAt: 0 });
  const { secret } = await sessions.create(record, tokenRecord(), zones.now);
  const variables: Record<string, string> = { ...siteVariables };
  change({ zones, variables }, secret);
  const r = fakeRequest(variables);
  vi.resetModules(); // each test is a worker that has just started
  const { authRequest } = await import('../../../src/handlers/auth-request');
  await authRequest(r);
  return r;
}

const laterBy = (seconds: number) => {
  const then = Date.now() + seconds * 1000;
  vi.spyOn(Date, 'now').mockReturnValue(then);
};

describe('the gate', () => {
  it('opens for the session of the cookie', async () => {
    const r = await asked(({ variables }, secret) => {
      variables.http_cookie = `auth_token=${secret}`;
    });
    expect([r.status, r.variables.jwt_claim_sub], r.variables.oidc_gate_error).toEqual([204, 'alice']);
  });

  it('opens with the tokens that the location wants, and for a session to note', async () => {
    const r = await asked(({ variables }, secret) => {
      Object.assign(variables, { http_cookie: `auth_token=${secret}`, access_token: '', id_token: '' });
      laterBy(600);
    });
    expect([r.status, r.variables.access_token, r.variables.id_token], r.variables.oidc_gate_error).toEqual([
      204,
      'access-token-1',
      'id-token-1',
    ]);
  });

  it.each<[string, (variables: Record<string, string>, secret: string) => object]>([
    ['no cookie', () => ({})],
    ['an empty cookie', () => ({ http_cookie: 'auth_token=' })],
    ['another secret', () => ({ http_cookie: `auth_token=${'T'.repeat(43)}` })],
    ['a secret and more', (_variables, secret) => ({ http_cookie: `auth_token=${secret}x` })],
    [
      'the session of another client',
      (_variables, secret) => ({ http_cookie: `auth_token=${secret}`, oidc_client: 'other' }),
    ],
    [
      'the session of another issuer',
      (_variables, secret) => ({ http_cookie: `auth_token=${secret}`, oidc_issuer: 'https://o.test' }),
    ],
    [
      'a plain cookie on a site with TLS',
      (_variables, secret) => ({ http_cookie: `auth_token=${secret}`, scheme: 'https' }),
    ],
    [
      'a plain cookie behind TLS',
      (_variables, secret) => ({ http_cookie: `auth_token=${secret}`, oidc_base_url: 'https://a.test' }),
    ],
  ])('stays shut for %s', async (_name, cookies) => {
    const r = await asked(({ variables }, secret) => {
      Object.assign(variables, cookies(variables, secret));
    });
    expect([r.status, r.variables.oidc_gate_error]).toEqual([401, undefined]);
  });

  it.each([
    ['idle for an hour', 3600],
    ['old', 28_800],
  ])('stays shut for a session that is %s, although the store still has it', async (_name, seconds) => {
    const r = await asked(({ variables }, secret) => {
      variables.http_cookie = `auth_token=${secret}`;
      laterBy(seconds);
    });
    expect([r.status, r.variables.oidc_gate_error]).toEqual([401, undefined]);
  });

  it.each<[string, (zones: Zones) => void]>([
    [
      'cannot be read',
      ({ control }) => {
        control.broken = true;
      },
    ],
    [
      'is missing',
      () => {
        Object.assign(globalThis, { ngx: {} });
      },
    ],
    [
      'holds nonsense',
      ({ oidc_sessions }) => {
        for (const key of oidc_sessions.entries.keys()) oidc_sessions.set(key, 'x', 60);
      },
    ],
  ])('stays shut, and says why, when the store %s', async (_name, change) => {
    const r = await asked(({ zones, variables }, secret) => {
      variables.http_cookie = `auth_token=${secret}`;
      change(zones);
    });
    expect(r.status).toBe(401);
    expect(r.variables.oidc_gate_error).toBeTruthy();
  });
});
