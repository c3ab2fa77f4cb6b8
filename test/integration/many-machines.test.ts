import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Agent, type Answer, createAgent } from '../support/agent';
import { startCluster } from '../support/cluster-site';
import { type Echo, type EchoApplication, startEchoApplication } from '../support/echo-application';
import { logoutClaims } from '../support/logout-claims';
import { type MisbehavingProvider, startMisbehavingProvider } from '../support/misbehaving-provider';
import { onEachTarget, useNginx } from '../support/nginx';
import type { Site } from '../support/site';
import { type RunningStore, startStore } from '../support/store-server';

onEachTarget('one site on three machines', (nginx) => {
  useNginx();
  let provider: MisbehavingProvider;
  let application: EchoApplication;
  let store: RunningStore;

  beforeAll(async () => {
    provider = await startMisbehavingProvider();
    application = await startEchoApplication();
    store = await startStore('valkey-8');
  });
  afterAll(async () => {
    await store.stop();
    await provider.stop();
    await application.stop();
  });
  let agent: Agent;
  const operator = createAgent({ 'sec-fetch-site': undefined, 'sec-fetch-mode': undefined, origin: undefined });
  const forOperators = (conf: string) =>
    conf.replace(/# (location = \/_oidc_(?:sessions|check) \{)\n(?:# .*\n)+/g, (block) => block.replace(/^# ?/gm, ''));
  afterAll(() => operator.close());
  beforeEach(() => {
    provider.reset();
    agent = createAgent();
    return () => agent.close();
  });

  const start = (settings: Record<string, string> = {}) =>
    startCluster({
      nginx,
      nodes: 3,
      stores: [`127.0.0.1:${store.port}`],
      store: settings,
      issuer: provider.issuer,
      application: application.address,
      editServer: forOperators,
      changes: {
        variables: ['access_token'],
        proxyHeaders: { Authorization: 'Bearer $access_token' },
        alsoSet: { oidc_provider_timeout: '4' },
      },
    });

  const headersOf = (answer: Answer) => answer.json<Echo & Record<string, unknown>>().headers;
  const cookieOf = async (url: string) => createAgent({ cookie: await agent.jar.getCookieString(url) });

  describe.each([
    ['a copy is trusted for two seconds', '2'],
    ['no copy is trusted', '0'],
  ])('where %s', (_name, freshness) => {
    let nodes: Site[];
    let urls: string[];
    beforeAll(async () => {
      nodes = await start({ oidc_store_freshness: freshness });
      urls = nodes.map(({ url }) => url);
    });
    afterAll(async () => {
      for (const node of nodes) await node.stop();
    });
    const [one, two, three] = [() => urls[0] as string, () => urls[1] as string, () => urls[2] as string];
    const withinFreshness = () => sleep(Number(freshness) * 1000 + 500);

    async function signInWithTokensThatEnd(lifetime = 1) {
      provider.does.expiresIn = lifetime;
      expect((await agent.navigate(`${one()}/`)).status).toBe(200);
      await sleep(lifetime * 1000 + 200);
      provider.does.expiresIn = 300;
      const before = provider.grants('refresh_token').length;
      return () => provider.grants('refresh_token').slice(before);
    }

    it('a sign-in on one machine is good on all of them, with claims and tokens', async () => {
      const first = await agent.navigate(`${one()}/page`);
      expect(first.status).toBe(200);
      for (const url of urls) {
        const answer = await agent.xhr(`${url}/page`);
        expect(answer.status).toBe(200);
        expect(headersOf(answer)).toMatchObject({
          username: 'alice',
          'x-name': 'Alice Liddell',
          authorization: headersOf(first).authorization,
        });
      }
    });

    it('a login that one machine began is finished by another', async () => {
      const begun = await agent.get(`${two()}/reports?x=1`);
      const back = await agent.get(begun.headers.location as string);
      const { pathname, search } = new URL(back.headers.location as string);
      const done = await agent.get(three() + pathname + search);
      expect([done.status, done.headers.location]).toEqual([302, '/reports?x=1']);
      expect((await agent.xhr(`${one()}/`)).status).toBe(200);
    });

    it('a sign-out on one machine is one on all of them', async () => {
      await agent.navigate(`${one()}/`);
      const thief = await cookieOf(one());
      for (const url of urls) expect((await thief.xhr(`${url}/`)).status).toBe(200);
      await agent.get(`${three()}/logout`);
      expect((await thief.xhr(`${three()}/`)).status).toBe(401);
      await withinFreshness();
      for (const url of urls) expect((await thief.xhr(`${url}/`)).status).toBe(401);
    });

    it('a sign-out everywhere ends the sessions of all browsers on all machines', async () => {
      const others = [createAgent(), createAgent()];
      for (const [at, other] of others.entries()) {
        expect((await other.navigate(`${urls[at + 1]}/`)).status).toBe(200);
      }
      await agent.navigate(`${one()}/`);
      await agent.post(`${two()}/logout?everywhere=1`, {});
      await withinFreshness();
      for (const url of urls) {
        for (const browser of [...others, agent]) expect((await browser.xhr(`${url}/`)).status).toBe(401);
      }
    });

    it('the provider signs out on all machines by a call of one of them, and by each token once', async () => {
      await agent.navigate(`${one()}/`);
      for (const url of urls) expect((await agent.xhr(`${url}/`)).status).toBe(200);
      const token = await provider.logoutToken(
        logoutClaims({ iss: provider.issuer, aud: provider.client.id }, { sub: 'alice' }),
      );
      const call = (url: string) =>
        createAgent({ 'sec-fetch-site': undefined }).xhr(`${url}/back_channel_logout`, {
          method: 'POST',
          form: { logout_token: token },
        });
      expect((await call(two())).status).toBe(200);
      await withinFreshness();
      for (const url of urls) expect((await agent.xhr(`${url}/`)).status).toBe(401);
      expect((await call(three())).status).toBe(400);
    });

    it.each([0, 1000])(
      'tokens are renewed once, however many requests on however many machines find them expired (%i ms)',
      async (delay) => {
        const renewals = await signInWithTokensThatEnd();
        provider.does.delays = { '/token': delay };
        const answers = await Promise.all(
          Array.from({ length: 30 }, (_, n) => agent.get(`${urls[n % 3]}/parallel/${n}`)),
        );
        expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
        expect(renewals()).toHaveLength(1);
        expect(new Set(answers.map((answer) => headersOf(answer).authorization)).size).toBe(1);
      },
    );

    it('renewals on changing machines never use a refresh token twice', async () => {
      await signInWithTokensThatEnd();
      for (let round = 0; round < 4; round++) {
        provider.does.expiresIn = 1;
        const answers = await Promise.all([0, 1, 2].map((n) => agent.get(`${urls[(n + round) % 3]}/`)));
        expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
        await sleep(1200);
      }
      const used = provider.grants('refresh_token').map(({ form }) => form.get('refresh_token'));
      expect(new Set(used).size).toBe(used.length);
    });

    it('a session that signed out on one machine during its renewal on another stays signed out', async () => {
      await signInWithTokensThatEnd();
      provider.does.delays['/token'] = 1000;
      const thief = await cookieOf(one());
      const slow = agent.xhr(`${two()}/slow`);
      await sleep(300);
      await agent.get(`${three()}/logout`);
      await slow;
      await withinFreshness();
      for (const url of urls) expect((await thief.xhr(`${url}/`)).status).toBe(401);
    });

    it('/_oidc_sessions of each machine counts and ends all of them', async () => {
      await agent.navigate(`${one()}/`);
      const before = (await operator.xhr(`${two()}/_oidc_sessions`)).json<{ sessions: number }>();
      expect((await createAgent().navigate(`${three()}/`)).status).toBe(200);
      const after = (await operator.xhr(`${one()}/_oidc_sessions`)).json<{ sessions: number; people: number }>();
      expect(after).toEqual({ sessions: before.sessions + 1, people: 1 });
      const form = { began_before: String(Math.floor(Date.now() / 1000) + 60) };
      const ended = await operator.xhr(`${two()}/_oidc_sessions`, { method: 'POST', form });
      expect([ended.status, ended.json()]).toEqual([200, { ended: after.sessions }]);
      await withinFreshness();
      for (const url of urls) expect((await agent.xhr(`${url}/`)).status).toBe(401);
    });

    it('/_oidc_check shows the store', async () => {
      await agent.navigate(`${one()}/`);
      const { text } = await operator.xhr(`${one()}/_oidc_check`);
      expect(text).toMatch(/ok\s+store\s+valkey \d\S+, master, answers in \d+ ms, \d+ keys/);
      expect(text).toMatch(/ok\s+store memory\s+noeviction/);
      expect(text).toMatch(/store changes\s+(?:listened to \d+ s ago|not listened to yet)/);
      await store.command('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru');
      const warned = (await operator.xhr(`${one()}/_oidc_check`)).text;
      await store.command('CONFIG', 'SET', 'maxmemory-policy', 'noeviction');
      expect(warned).toMatch(/warning\s+store memory\s+allkeys-lru/);
    });

    it('the store names nobody, and holds nothing that opens a session', async () => {
      const first = await agent.navigate(`${one()}/`);
      const token = (headersOf(first).authorization as string).slice('Bearer '.length);
      const secret = /auth_token=([^;]+)/.exec(await agent.jar.getCookieString(one()))?.[1] as string;
      const keys = (await store.command('KEYS', '*')) as string[];
      const texts = await Promise.all(
        keys.map(async (key) => `${key} ${await store.command('GET', key).catch(() => store.command('DUMP', key))}`),
      );
      expect(keys.length).toBeGreaterThan(3);
      for (const text of ['alice', 'Alice', secret, token]) expect(texts.join('\n')).not.toContain(text);
    });
  });

  it('a form that was sent at one machine is given out at any, once', async () => {
    const nodes = await startCluster({
      nginx,
      nodes: 2,
      stores: [`127.0.0.1:${store.port}`],
      store: {},
      issuer: provider.issuer,
      application: application.address,
      changes: { alsoSet: { oidc_base_url: 'http://app.test' } },
    });
    const [one, other] = nodes.map(({ url }) => url) as [string, string];
    const headers = { 'content-type': 'text/plain' };
    const page = await agent.get(`${one}/orders`, { method: 'POST', body: 'a=1', from: one, headers });
    const request = String((await agent.get(`${other}/_oidc_login`)).headers.location);
    const callback = String((await agent.get(request)).headers.location).replace('http://app.test', other);
    expect((await agent.get(callback)).status).toBe(302);
    const body = / value="([\w-]+)"/.exec(page.text)?.[1] ?? '';
    const open = (node: string) => agent.xhr(`${node}/_oidc_return`, { method: 'POST', body });
    const answers = await Promise.all([one, other, one, other].map(open));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 403, 403, 403]);
    for (const node of nodes) await node.stop();
  });
});
