import hashes from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { encodeRecord, sessionEntry } from '../../src/session/record';
import { realmOf, sessionKey, siteOf } from '../../src/session/session-id';
import { createAgent } from '../support/agent';
import { startEchoApplication } from '../support/echo-application';
import { freePort } from '../support/free-port';
import { startMisbehavingProvider } from '../support/misbehaving-provider';
import { onEachTarget, useNginx } from '../support/nginx';
import { shipped, startSite } from '../support/site';

// What a signed-in request costs, in things that can be counted: the same on every machine. `npm run bench` measures.

const now = Math.floor(Date.now() / 1000);
const record = {
  variables: {
    jwt_claim_sub: '5e3c1a52-7f0a-4f6b-9d64-0a1c7c1f8e21',
    oidc_claim_name: 'Alice Liddell',
    oidc_claim_email: 'alice@example.com',
    oidc_claim_groups: 'staff,admins',
  },
  wants: '' as const,
  endsAt: now + 28800,
  idleTimeout: 3600,
  usedAt: now,
  renewAt: now + 240,
  expiresAt: now + 300,
  accessTokenEndsAt: now + 300,
  tokenSet: 'tAAAAAAAAAAAAAA.3.1000.2000.3000',
};
const secret = 'x'.repeat(43);
const site = siteOf(realmOf('client', 'https://idp.test', ''), 'a-key-of-the-site-0123456789abcdef');
const cookieName = '__Host-auth_token';
const entry = sessionEntry(sessionKey(secret, { site, cookieName }));
const text = encodeRecord(record);

interface Counts {
  reads: string[];
  writes: string[];
  headers: string[];
  dict: string[];
  hashed: number[];
  parsed: number;
  bytes: number;
  webCrypto: number;
  subrequests: number;
  returned: number[];
}

const noCounts = (): Counts => ({
  reads: [],
  writes: [],
  headers: [],
  dict: [],
  hashed: [],
  parsed: 0,
  bytes: 0,
  webCrypto: 0,
  subrequests: 0,
  returned: [],
});

/** The shipped bundle, run in Node with everything around it counted, asked as often as there are cookies: the last time counts. */
async function countedGate(cookies: string[], stored: string): Promise<Counts> {
  const counts = noCounts();
  const values: Record<string, string> = { http_oidc_site: `https ${site}\t\t\t\t .` };
  const variables = new Proxy(values, {
    get: (target, name: string) => {
      counts.reads.push(name);
      return target[name];
    },
    set: (_target, name: string) => {
      counts.writes.push(name);
      return true;
    },
  });
  const zone = new Proxy(
    {},
    {
      get: (_target, operation: string) => (key: string) => {
        counts.dict.push(`${operation} ${key}`);
        const found = operation === 'get' && key === entry ? stored : undefined;
        counts.bytes += found?.length ?? 0;
        return found;
      },
    },
  );
  vi.stubGlobal('ngx', { shared: { oidc_sessions: zone }, log: () => undefined });
  vi.stubGlobal('countedHashes', {
    createHash: (name: string) => {
      const hash = hashes.createHash(name);
      return {
        update(data: string) {
          counts.hashed.push(data.length);
          hash.update(data);
          return this;
        },
        digest: (encoding: 'base64url') => hash.digest(encoding),
      };
    },
  });
  vi.spyOn(JSON, 'parse').mockImplementation(() => {
    counts.parsed++;
    throw new Error('the gate parses no JSON');
  });
  for (const operation of ['digest', 'importKey', 'deriveBits', 'decrypt', 'encrypt'] as const) {
    vi.spyOn(crypto.subtle, operation).mockImplementation(() => {
      counts.webCrypto++;
      throw new Error('the gate does without WebCrypto');
    });
  }
  const { default: handlers } = await import(/* @vite-ignore */ `${bundle}?${Math.random()}`);
  for (const cookie of cookies) {
    Object.assign(counts, noCounts());
    values.http_cookie = cookie;
    const headersOut = new Proxy({} as Record<string, string>, {
      set: (_target, name: string) => {
        counts.headers.push(name);
        return true;
      },
    });
    const result = handlers.authRequest({
      variables,
      headersOut,
      subrequest: () => counts.subrequests++,
      return: (status: number) => void counts.returned.push(status),
    });
    expect(result, 'the gate must answer at once, without a promise').toBeUndefined();
  }
  return counts;
}

let folder: string;
let bundle: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gate-cost-'));
  bundle = join(folder, 'bundle.mjs');
  writeFileSync(
    bundle,
    shipped('openid_connect.js').replace(/import ([\w$]+) from\s*"crypto";/, 'const $1=countedHashes;'),
  );
});
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

describe('a signed-in request', () => {
  const cookies = `__Host-auth_token=${secret}; theme=dark`;

  it('costs one read of the store, one hash, no JSON, no other cryptography and no subrequest', async () => {
    const counts = await countedGate([cookies], text);
    expect(counts).toMatchObject({
      returned: [204],
      dict: [`get ${entry}`],
      hashed: [`${cookieName}=${secret}\n${site}`.length],
      parsed: 0,
      bytes: text.length,
      webCrypto: 0,
      subrequests: 0,
    });
  });

  it('costs one read of the store and no hash in a context that has seen it before', async () => {
    const counts = await countedGate([cookies, cookies], text);
    expect(counts).toMatchObject({ returned: [204], dict: [`get ${entry}`], hashed: [], bytes: text.length });
  });

  it('looks at two variables, sets none, and answers with its claims and the application cookies alone', async () => {
    for (const asked of [[cookies], [cookies, cookies]]) {
      const counts = await countedGate(asked, text);
      expect(counts.reads).toEqual(['http_cookie', 'http_oidc_site']);
      expect(counts.writes).toEqual([]);
      expect(counts.headers).toEqual([...Object.keys(record.variables), 'oidc_app_cookies']);
    }
  });

  it('has a record of 104 bytes besides names and values', () => {
    const variables = Object.entries(record.variables).reduce(
      (sum, [name, value]) => sum + name.length + value.length + 2,
      0,
    );
    expect(text.length - variables).toBe(104);
  });
});

describe('a request without a session', () => {
  it('costs neither store nor hash without a cookie', async () => {
    const counts = await countedGate(['theme=dark'], text);
    expect(counts).toMatchObject({ returned: [401], dict: [], hashed: [], bytes: 0, subrequests: 0 });
  });

  it('costs one read and one hash with a cookie that opens nothing', async () => {
    const counts = await countedGate([`__Host-auth_token=${'y'.repeat(43)}`], text);
    expect(counts).toMatchObject({ returned: [401], bytes: 0, parsed: 0, subrequests: 0 });
    expect(counts.dict).toHaveLength(1);
    expect(counts.hashed).toHaveLength(1);
  });

  it('costs neither with a cookie that cannot be a secret', async () => {
    const counts = await countedGate(['__Host-auth_token=forged'], text);
    expect(counts).toMatchObject({ returned: [401], dict: [], hashed: [], bytes: 0 });
  });
});

onEachTarget('the cost of the gate', (nginx) => {
  useNginx();

  it('is no write to the store and no call of the provider while nothing is due', async () => {
    const provider = await startMisbehavingProvider();
    const application = await startEchoApplication();
    const port = await freePort();
    const site = await startSite({
      nginx,
      issuer: provider.issuer,
      application: application.address,
      files: {
        'conf.d/dump.js': `export default { dump(r) { r.return(200, JSON.stringify(ngx.shared.oidc_sessions.items().sort())); } };`,
      },
      http: `server { listen 127.0.0.1:${port}; js_import dump from conf.d/dump.js; location / { js_content dump.dump; } }`,
    });
    const dump = async () => (await fetch(`http://127.0.0.1:${port}/`)).text();
    const agent = createAgent();
    try {
      await agent.navigate(`${site.url}/`);
      const before = await dump();
      const calls = provider.requests('/token').length;
      expect(before).toContain('s:');
      for (let i = 0; i < 50; i++) expect((await agent.get(`${site.url}/page/${i}`)).status).toBe(200);
      expect(await dump()).toBe(before);
      expect(provider.requests('/token')).toHaveLength(calls);
    } finally {
      await Promise.all([agent.close(), provider.stop(), application.stop(), site.stop()]);
    }
  });
});
