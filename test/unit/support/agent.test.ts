import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { listen, stopServer } from '../../../demo/listen';
import { type Agent, createAgent, NoAnswer, signIn } from '../../support/agent';

type Route = (request: IncomingMessage, response: ServerResponse, body: string) => void;

let agent: Agent;
let site: string;
let stop: () => Promise<void>;
let routes: Record<string, Route>;

beforeEach(async () => {
  routes = {};
  agent = createAgent();
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const route = routes[(request.url ?? '').replace(/\?.*/s, '')];
    if (route) route(request, response, body);
    else response.end(JSON.stringify({ url: request.url, method: request.method, headers: request.headers }));
  });
  site = await listen(server, 0);
  stop = () => stopServer(server);
  return async () => {
    await agent.close();
    await stop();
  };
});
afterEach(() => agent.close());

const goTo =
  (location: string, status = 302, cookie: string[] = []): Route =>
  (_request, response) =>
    response.writeHead(status, { location, 'set-cookie': cookie }).end();

const headersOf = async (answer: Promise<{ json: <T>() => T }>) =>
  (await answer).json<{ headers: Record<string, string> }>().headers;

it('asks as a browser does for a page, for a form, and from a script', async () => {
  expect(await headersOf(agent.get(site))).toMatchObject({
    accept: expect.stringContaining('text/html'),
    'sec-fetch-mode': 'navigate',
    'sec-fetch-dest': 'document',
    'sec-fetch-site': 'none',
  });
  expect(await headersOf(agent.post(`${site}/`, { a: '1' }))).toMatchObject({
    origin: site,
    'sec-fetch-site': 'same-origin',
    'content-type': 'application/x-www-form-urlencoded',
  });
  expect(await headersOf(agent.xhr(site))).toMatchObject({ 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' });
  const other = await headersOf(agent.get(site, { from: 'http://evil.test/', headers: { Accept: undefined } }));
  expect(other).toMatchObject({ 'sec-fetch-site': 'cross-site' });
  expect(other).not.toHaveProperty('accept');
});

it('follows redirects over hosts and tells the trail with its cookies', async () => {
  routes['/a'] = goTo(`${site.replace('127.0.0.1', 'other.test')}/b`, 302, ['one=1']);
  routes['/b'] = goTo('/c?x=1#part', 303, ['two=2']);
  const page = await agent.navigate(`${site}/a`);
  const other = site.replace('127.0.0.1', 'other.test');
  expect(page.trail.map(({ status, url }) => [status, url])).toEqual([
    [302, `${site}/a`],
    [303, `${other}/b`],
    [200, `${other}/c?x=1`],
  ]);
  expect(page.trail.map((step) => step.setCookies)).toEqual([['one=1'], ['two=2'], []]);
  expect(page.json<{ headers: Record<string, string> }>().headers.cookie).toBe('two=2');
  expect(await agent.cookieNames(site)).toEqual(['one']);
});

it('gives up after 15 redirects, or as many as it is told', async () => {
  routes['/'] = goTo('/');
  await expect(agent.navigate(`${site}/`)).rejects.toThrow('more than 15 redirects');
  await expect(agent.navigate(`${site}/`, { maxRedirects: 2 })).rejects.toThrow('more than 2 redirects');
});

it('shares cookies between ports, and keeps SameSite cookies from other sites', async () => {
  routes['/set'] = goTo('/', 302, [
    'lax=1; SameSite=Lax',
    'strict=1; SameSite=Strict',
    'free=1; Secure; SameSite=None',
  ]);
  await agent.get(`${site}/set`);
  expect((await agent.cookieNames('http://127.0.0.1:1/')).sort()).toEqual(['free', 'lax', 'strict']);
  const from = 'http://evil.test/';
  const sent = async (answer: Promise<{ json: <T>() => T }>) => (await headersOf(answer)).cookie?.split('; ').sort();
  expect(await sent(agent.get(site))).toEqual(['free=1', 'lax=1', 'strict=1']);
  expect(await sent(agent.get(site, { from }))).toEqual(['free=1', 'lax=1']);
  expect(await sent(agent.post(site, {}, { from }))).toEqual(['free=1']);
  expect(await sent(agent.xhr(site, { from }))).toEqual(['free=1']);
});

it('keeps Secure cookies from plain HTTP only when it is loose', async () => {
  routes['/set'] = goTo('/', 302, ['__Host-a=1; Secure; Path=/']);
  await agent.get(`${site}/set`);
  expect(await agent.cookieNames(site)).toEqual(['__Host-a']);
  const strict = createAgent({}, { looseSecure: false });
  await strict.get(`${site}/set`);
  expect(await strict.cookieNames(site)).toEqual([]);
  await strict.close();
});

it('fills in the form with a password, hidden fields and entities included', async () => {
  routes['/login'] = (request, response, body) => {
    if (request.method === 'POST') {
      expect(Object.fromEntries(new URLSearchParams(body))).toEqual({ csrf: '"<&>"', user: 'bob', pass: 'builder' });
      return void response.writeHead(303, { location: '/done' }).end();
    }
    response.setHeader('content-type', 'text/html');
    response.end(`<form><input name=q></form>
      <FORM class="a>b" action='/login?a=1&amp;b=2' method="post"><input type=hidden name=csrf value="&quot;&lt;&#38;&#x3e;&quot;">
      <input name="user"><input name="pass" type="password"><input type="checkbox" name="stay"><button name="cancel">`);
  };
  routes['/'] = goTo('/login');
  await expect(signIn(agent, `${site}/`, 'bob', 'builder')).resolves.toMatchObject({ status: 200 });
});

it('tells a refused, dropped and late answer apart', async () => {
  routes['/drop'] = (request) => request.socket.destroy();
  routes['/late'] = () => undefined;
  await expect(agent.get(`${site}/drop`)).rejects.toBeInstanceOf(NoAnswer);
  await expect(agent.get(`${site}/drop`)).rejects.toMatchObject({ kind: 'dropped', url: `${site}/drop` });
  await expect(agent.get(`${site}/late`, { timeoutMs: 100 })).rejects.toMatchObject({ kind: 'timeout' });
  await stop();
  await expect(agent.get(site)).rejects.toMatchObject({ kind: 'refused' });
});

it('makes many requests at once', async () => {
  const answers = await Promise.all(Array.from({ length: 300 }, (_, i) => agent.get(`${site}/${i}`)));
  expect(new Set(answers.map((answer) => answer.json<{ url: string }>().url)).size).toBe(300);
});
