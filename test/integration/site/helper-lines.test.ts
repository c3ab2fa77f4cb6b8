import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { Nginx } from '../../../scripts/nginx/target';
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
import { startStore } from '../../support/store-server';

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
  pageName: ['', 'Acme "Intranet"'],
  pageContact: ['', 'Help desk <mailto:help@example.com>'],
});

function standsFor(kind: Choices['nginx'], { target }: Nginx): boolean {
  return target === targetOf[kind] || (kind === 'plus' && target === 'P');
}

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
    inject('nginxTargets').flatMap((nginx) => (standsFor(kind, nginx) ? [[kind, nginx] as const] : [])),
  );
  it.each(onTargets)(
    'are taken by nginx -t: %s',
    (kind, nginx) => {
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
    },
    120_000,
  );
});

onEachTarget('a site that the configuration helper made', (nginx) => {
  useNginx();
  const kind = kinds.find((name) => standsFor(name, nginx)) ?? 'nginx.org';
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

  /** Only addresses are changed: the provider of a test speaks http, and all are on this machine. */
  async function start(more: Partial<Choices>, tls: Record<string, string> = {}): Promise<string> {
    const choices = { ...defaultChoices('other'), client: testClient.id, secret: testClient.secret, key, nginx: kind };
    const all: Choices = { ...choices, application: application.address, behindBalancer: true, ...more };
    const { main, files } = installed(nginx, all, answerTo(all));
    const [port, gate, adapter] = [await freePort(), await freePort(), await freePort()];
    const url = `${all.behindBalancer ? 'http' : 'https'}://127.0.0.1:${port}`;
    const withAddresses = (text: string) =>
      text
        .replaceAll(all.issuer, provider.issuer)
        .replaceAll(`"${all.site}"`, `"${url}"; set $oidc_insecure_http_provider 1`)
        .replace(/listen (?:8010|443)\b/, `listen 127.0.0.1:${port}`)
        .replaceAll('127.0.0.1:8019', `127.0.0.1:${gate}`)
        .replaceAll('127.0.0.1:8018', `127.0.0.1:${adapter}`)
        .replaceAll('/var/log/nginx/', '')
        .replace(/\/etc\/ssl\/(?:certs|private)\/(?=app\.example\.com\.)/g, '');
    await startNginx({
      nginx,
      main: main
        .replace(/^load_module .*http_js_module.*\n/m, '')
        .replaceAll('load_module modules/', `load_module ${dirname(nginx.modulePath)}/`),
      http: 'include conf.d/frontend.conf;',
      files: Object.fromEntries(
        Object.entries({ ...files, ...tls }).map(([name, text]) => [
          name,
          /\.js$/.test(name) ? text : withAddresses(text),
        ]),
      ),
    });
    return url;
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

  it('ends TLS itself, and keeps sessions in the store that several machines share', async () => {
    const store = await startStore('valkey-8', { password: 'a-long-password' });
    try {
      const { folder, authority } = createCertificates(['127.0.0.1']);
      const read = (name: string) => readFileSync(`${folder}/127.0.0.1.${name}`, 'utf8');
      const url = await start(
        { behindBalancer: false, store: `127.0.0.1:${store.port}`, storePassword: 'a-long-password' },
        { 'app.example.com.pem': read('pem'), 'app.example.com.key': read('key') },
      );
      const person = createAgent({}, { authority });
      expect((await person.navigate(`${url}/`)).status).toBe(200);
      expect((await person.get(`${url}/`)).status).toBe(200);
      await person.close();
      expect(await store.command('KEYS', 'oidc:*')).not.toEqual([]);
    } finally {
      await store.stop();
    }
  });
});
