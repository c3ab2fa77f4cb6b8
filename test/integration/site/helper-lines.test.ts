import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { type Choices, defaultChoices, nginxKinds } from '../../../site/helper/choices';
import { type ProviderId, providers } from '../../../site/helper/providers';
import { type Agent, createAgent } from '../../support/agent';
import { createCertificates } from '../../support/certificates';
import { refusal } from '../../support/configuration-test';
import { type EchoApplication, startEchoApplication } from '../../support/echo-application';
import { answerTo, installed, targetOf } from '../../support/helper-site';
import { type MisbehavingProvider, startMisbehavingProvider } from '../../support/misbehaving-provider';
import { freePort, onEachTarget, startNginx, useNginx } from '../../support/nginx';
import { pairwise } from '../../support/pairs';
import { testClient } from '../../support/site';

const key = 'a-key-for-tests-only-0123456789abcdef';
const kinds = Object.keys(nginxKinds) as Choices['nginx'][];

const combinations = pairwise({
  provider: Object.keys(providers) as ProviderId[],
  nginx: kinds,
  behindBalancer: [false, true],
  accessToken: [false, true],
  groups: ['', 'admins Domain-Users', 'or staff'],
  audience: ['', 'https://api.example.com'],
  store: ['', '127.0.0.1:6379', 'localhost:6380'],
  storeTls: [false, true],
  storePassword: ['', 'with "quotes" and \\'],
  profile: ['none', 'fapi2', 'fapi2-message-signing'] as const,
  keepSignedIn: ['off', 'ask', 'always'] as const,
  signOutEverywhere: [false, true],
  check: [false, true],
});

function choicesOf({ provider, ...chosen }: (typeof combinations)[number]): Choices {
  const base = defaultChoices(provider);
  return { ...base, key, ...chosen, groupsClaim: base.groupsClaim || 'groups' };
}

describe('the lines of the configuration helper', () => {
  let certificates: { cert: string; key: string };
  beforeAll(() => {
    const { folder } = createCertificates(['app.example.com']);
    const read = (name: string) => readFileSync(`${folder}/app.example.com.${name}`, 'utf8');
    certificates = { cert: read('pem'), key: read('key') };
  });

  it('are tried in all pairs', () => {
    expect(combinations.length).toBeGreaterThan(50);
  });

  const onTargets = kinds.flatMap((kind) =>
    inject('nginxTargets').flatMap((nginx) => (nginx.target === targetOf[kind] ? [[kind, nginx] as const] : [])),
  );
  it.each(onTargets)('are taken by nginx -t: %s', (kind, nginx) => {
    const mine = combinations.filter((one) => one.nginx === kind);
    expect(mine.length).toBeGreaterThan(5);
    for (const one of mine) {
      const choices = choicesOf(one);
      const { main, files } = installed(nginx, choices, answerTo(choices));
      const said = refusal({
        nginx,
        main,
        http: 'include conf.d/frontend.conf;',
        loadsModule: true,
        files: { ...files, 'app.example.com.pem': certificates.cert, 'app.example.com.key': certificates.key },
      });
      expect(said, JSON.stringify(one)).toBe('');
    }
  });
});

onEachTarget('a site that the configuration helper made', (nginx) => {
  useNginx();
  const kind = kinds.find((name) => targetOf[name] === nginx.target) ?? 'nginx.org';
  let provider: MisbehavingProvider;
  let application: EchoApplication;
  let agent: Agent;

  beforeAll(async () => {
    provider = await startMisbehavingProvider();
    application = await startEchoApplication();
  });
  afterAll(async () => {
    await agent?.close();
    await provider.stop();
    await application.stop();
  });

  /** Only addresses are changed: the provider of a test speaks http, on this machine. */
  async function start(more: Partial<Choices>): Promise<string> {
    const choices = { ...defaultChoices('other'), client: testClient.id, secret: testClient.secret, key, nginx: kind };
    const all: Choices = { ...choices, application: application.address, behindBalancer: true, ...more };
    const { main, files } = installed(nginx, all, answerTo(all));
    const [port, gate] = [await freePort(), await freePort()];
    const frontend = (files['conf.d/frontend.conf'] ?? '')
      .replaceAll(all.issuer, provider.issuer)
      .replaceAll(`"${all.site}"`, `"http://127.0.0.1:${port}"; set $oidc_insecure_http_provider 1`)
      .replace('listen 8010;', `listen 127.0.0.1:${port};`)
      .replaceAll('127.0.0.1:8019', `127.0.0.1:${gate}`)
      .replaceAll('/var/log/nginx/', '');
    await startNginx({
      nginx,
      main: main.replace(/^load_module .*http_js_module.*\n/m, ''),
      http: 'include conf.d/frontend.conf;',
      files: { ...files, 'conf.d/frontend.conf': frontend },
    });
    return `http://127.0.0.1:${port}`;
  }

  it('signs people in, lets those of the groups in, passes the token on', async () => {
    const url = await start({
      groups: 'admins staff',
      accessToken: true,
      keepSignedIn: 'always',
      signOutEverywhere: true,
    });
    agent = createAgent();
    provider.does.user = { sub: 'alice', groups: ['staff'] };
    const page = await agent.navigate(`${url}/`);
    expect(page.status).toBe(200);
    const { headers } = page.json<{ headers: Record<string, string> }>();
    expect([headers.username, headers['x-groups']]).toEqual(['alice', 'staff']);
    expect(headers.authorization).toBe(`Bearer ${provider.issued.at(-1)?.accessToken}`);

    const stranger = createAgent();
    provider.does.user = { sub: 'bob', groups: ['guests'] };
    expect((await stranger.navigate(`${url}/`)).status).toBe(403);
    await stranger.close();
  });

  it('has an API for programs, and the check page', async () => {
    const aud = 'https://api.example.com';
    const url = await start({ audience: aud, check: true });
    const ask = (token: string) => createAgent().xhr(`${url}/api/x`, { headers: { authorization: `Bearer ${token}` } });
    expect((await ask(await provider.accessToken({ aud, sub: 'program' }))).status).toBe(200);
    expect((await ask(await provider.accessToken({ aud: 'https://other.example.com' }))).status).toBe(401);
    const check = await createAgent().xhr(`${url}/_oidc_check`);
    expect([check.status, check.text.includes(testClient.id)]).toEqual([200, true]);
  });
});
