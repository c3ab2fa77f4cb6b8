import { createHash } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { type Agent, createAgent } from '../../support/agent';
import { type Echo, type EchoApplication, startEchoApplication } from '../../support/echo-application';

let application: EchoApplication;
let agent: Agent;

beforeAll(async () => {
  application = await startEchoApplication();
});
afterAll(() => application.stop());
beforeEach(() => {
  agent = createAgent();
});
afterEach(() => agent.close());

it('tells method, target, headers as they came, and size and hash of the body', async () => {
  const body = 'é'.repeat(1000);
  const headers = { 'X-Twice': ['a', 'b'] };
  const echo = (await agent.get(application.url, { method: 'PUT', target: '//a/../b?c', headers, body })).json<Echo>();
  expect(echo).toMatchObject({ method: 'PUT', url: '//a/../b?c', bodyBytes: 2000 });
  expect(echo.rawHeaders.filter((text) => text.toLowerCase() === 'x-twice')).toHaveLength(2);
  expect(echo.bodySha256).toBe(createHash('sha256').update(body).digest('hex'));
  expect(application.requests).toHaveLength(1);
});

it('answers with the status, the cookies and the pause that are asked for', async () => {
  expect((await agent.get(`${application.url}/status/418`)).status).toBe(418);
  expect((await agent.get(`${application.url}/set-cookie`)).setCookies).toEqual(['app=1; Path=/', 'more=2; Path=/']);
  const began = Date.now();
  await agent.get(`${application.url}/slow?ms=60`);
  expect(Date.now() - began).toBeGreaterThanOrEqual(59);
});

it('stops at once, also with a request under way', async () => {
  const one = await startEchoApplication();
  const waiting = agent.get(`${one.url}/slow?ms=60000`).catch((error) => error.kind);
  while (one.requests.length === 0) await new Promise(setImmediate);
  await one.stop();
  expect(await waiting).toBe('dropped');
});
