import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { type Agent, createAgent } from '../support/agent';
import { type MisbehavingProvider, startMisbehavingProvider } from '../support/misbehaving-provider';
import { onEachTarget, useNginx } from '../support/nginx';
import { waitUntil } from '../support/processes';
import { type Site, startSite } from '../support/site';
import { type StreamingApplication, startStreamingApplication } from '../support/streaming-application';

// Requests that stay open: the gate must hold nothing for them.

const upgrade = (conf: string) =>
  conf.replace(
    'proxy_pass http://my_backend;',
    `proxy_http_version 1.1;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection "upgrade";
        proxy_read_timeout 1h;
        proxy_pass http://my_backend;`,
  );
const signedInPage = `location = /signed-in {
        auth_request /_oidc_auth;
        error_page 401 = @do_oidc_flow;
        try_files /nothing =204;
    }
    location / {`;
const manyConnections = 'worker_rlimit_nofile 16384;';

onEachTarget('requests that stay open', (nginx) => {
  useNginx();
  let provider: MisbehavingProvider;
  let application: StreamingApplication;
  let site: Site;
  let agent: Agent;
  const open: { close(): void }[] = [];

  beforeAll(async () => {
    provider = await startMisbehavingProvider();
    application = await startStreamingApplication();
    site = await startSite({
      nginx,
      issuer: provider.issuer,
      application: application.address,
      workers: 2,
      main: manyConnections,
      editFrontend: (conf) => upgrade(conf).replace('location / {', signedInPage),
      connections: 8192,
    });
  });
  afterEach(async () => {
    for (const one of open.splice(0)) one.close();
    await agent?.close();
    await waitUntil('nothing is open any more', () => application.open() === 0);
    provider.reset();
  });
  afterAll(() => Promise.all([provider.stop(), application.stop()]));

  async function person(): Promise<string> {
    agent = createAgent();
    await agent.navigate(`${site.url}/signed-in`);
    const cookies = await agent.cookies(site.url);
    return cookies.map((cookie) => cookie.cookieString()).join('; ');
  }

  /** The first message, or the status of the refusal. */
  function socket(cookie: string): Promise<{ socket: WebSocket; said: string | number }> {
    const one = new WebSocket(`ws://127.0.0.1:${site.port}/live`, { headers: { cookie } });
    open.push({ close: () => one.terminate() });
    return new Promise((resolve, reject) => {
      one.once('message', (data) => resolve({ socket: one, said: String(data) }));
      one.once('unexpected-response', (_request, response) => resolve({ socket: one, said: response.statusCode ?? 0 }));
      one.once('error', reject);
    });
  }

  /** An open stream of events; resolves when its first event is there. */
  function stream(cookie: string): Promise<{ status: number; next(): Promise<string> }> {
    return new Promise((resolve, reject) => {
      const one = request(`${site.url}/events`, { headers: { cookie, accept: 'text/event-stream' } }, (response) => {
        response.once('data', () => {
          const next = () => new Promise<string>((ok) => response.once('data', (data) => ok(String(data))));
          resolve({ status: response.statusCode ?? 0, next });
        });
        response.once('end', () => resolve({ status: response.statusCode ?? 0, next: async () => '' }));
      });
      open.push({ close: () => one.destroy() });
      one.once('error', reject);
      one.end();
    });
  }

  it('are WebSockets and streams of events that the gate lets pass, with the claims, and stops without a session', async () => {
    const cookie = await person();
    const { socket: live, said } = await socket(cookie);
    expect(said).toBe('Alice Liddell');
    live.send('still there?');
    expect(await new Promise((resolve) => live.once('message', (data) => resolve(String(data))))).toBe('still there?');
    const events = await stream(cookie);
    const next = events.next();
    application.send('news');
    expect([events.status, await next]).toEqual([200, 'data: news\n\n']);
    expect((await socket('')).said).toBe(401);
    expect((await stream('')).status).toBe(401);
  });

  it('go on after a sign-out until they end, 300 of them, while no new one begins', async () => {
    const [leaving, staying] = [await person(), await person()];
    const sockets = await Promise.all(
      Array.from({ length: 300 }, (_, index) => socket(index % 2 === 0 ? leaving : staying)),
    );
    expect(new Set(sockets.map(({ said }) => said))).toEqual(new Set(['Alice Liddell']));
    const signOut = createAgent();
    await signOut.get(`${site.url}/logout`, { headers: { cookie: leaving } });
    await signOut.close();
    const echo = ({ socket: one }: { socket: WebSocket }) =>
      new Promise((resolve) => {
        one.once('message', (data) => resolve(String(data)));
        one.send('x');
      });
    expect(new Set(await Promise.all(sockets.map(echo)))).toEqual(new Set(['x']));
    expect((await socket(leaving)).said).toBe(401);
    expect((await socket(staying)).said).toBe('Alice Liddell');
  });

  it('take at most 40 KB of memory each, a thousand at once', async () => {
    const cookie = await person();
    const memory = () => site.nginx.workers().reduce((sum, pid) => sum + residentKilobytes(pid), 0);
    await Promise.all(Array.from({ length: 50 }, () => stream(cookie)));
    const before = memory();
    for (let batch = 0; batch < 10; batch++) {
      const streams = await Promise.all(Array.from({ length: 100 }, () => stream(cookie)));
      expect(new Set(streams.map(({ status }) => status))).toEqual(new Set([200]));
    }
    expect(application.open()).toBe(1050);
    expect((memory() - before) / 1000).toBeLessThan(40);
  });
});

describe('the memory of a process', () => {
  it('is told by Linux', () => expect(residentKilobytes(process.pid)).toBeGreaterThan(10_000));
});

function residentKilobytes(pid: number): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]);
}
