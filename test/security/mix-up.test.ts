import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { type Agent, createAgent } from '../support/agent';
import { type EchoApplication, startEchoApplication } from '../support/echo-application';
import { logoutClaims } from '../support/logout-claims';
import { type MisbehavingProvider, startMisbehavingProvider } from '../support/misbehaving-provider';
import { onEachTarget, useNginx } from '../support/nginx';
import { startSiteWithProviders } from '../support/several-providers';
import type { Site } from '../support/site';

// One of a site's providers is in an attacker's hands.

onEachTarget('an honest and an evil provider on one site', (nginx) => {
  useNginx();
  let honest: MisbehavingProvider;
  let evil: MisbehavingProvider;
  let application: EchoApplication;
  let site: Site;
  const agents: Agent[] = [];

  beforeAll(async () => {
    const client = (name: string) => ({ id: `site-at-${name}`, secret: `${name}-secret-of-more-than-32-characters` });
    honest = await startMisbehavingProvider({ host: '127.0.0.1', client: client('honest') });
    evil = await startMisbehavingProvider({
      host: '127.0.0.1',
      client: client('evil'),
      does: { user: { sub: 'mallory' } },
    });
    evil.rotateKeys(); // so that each signs with keys of its own
    application = await startEchoApplication({ host: '127.0.0.1' });
    site = await startSiteWithProviders({
      nginx,
      application: application.address,
      providers: {
        honest: { issuer: honest.issuer, client: honest.client, more: { provider_domains: 'honest.example' } },
        evil: { issuer: evil.issuer, client: evil.client },
      },
    });
  });
  afterAll(() => Promise.all([honest.stop(), evil.stop(), application.stop()]));
  beforeEach(() => {
    honest.reset();
    evil.reset();
    application.requests.length = 0;
  });
  afterEach(() => Promise.all(agents.splice(0).map((agent) => agent.close())));

  function browser(): Agent {
    const agent = createAgent();
    agents.push(agent);
    return agent;
  }
  const url = (path: string) => site.url + path;
  const tokenRequests = () => honest.requests('/token').length + evil.requests('/token').length;

  /** Begins a login, and goes as far as the authorization request. */
  async function begin(agent: Agent, name: string): Promise<URL> {
    const start = await agent.get(url(`/_oidc_login/${name}?return=/page`));
    return new URL(String(start.headers.location));
  }
  const answerOf = async (agent: Agent, request: URL): Promise<URL> =>
    new URL(String((await agent.get(request.href)).headers.location));
  /** The attacker's redirect: the honest provider is asked with what was meant for the evil one. */
  function turnedTo(request: URL, callback: string): URL {
    const turned = new URL(`${honest.issuer}/authorize`);
    for (const [name, value] of request.searchParams) turned.searchParams.set(name, value);
    turned.searchParams.set('client_id', honest.client.id);
    turned.searchParams.set('redirect_uri', url(callback));
    return turned;
  }
  const withoutIss = (provider: MisbehavingProvider) => {
    provider.does.metadata = (document) => ({
      ...document,
      authorization_response_iss_parameter_supported: undefined,
    });
    provider.does.authorization = (parameters) => {
      parameters.delete('iss');
      return parameters;
    };
  };

  it.each([true, false])(
    'U19 a code of the honest one that a login at the evil one got goes to neither (iss sent: %s)',
    async (iss) => {
      if (!iss) withoutIss(honest);
      const agent = browser();
      const back = await answerOf(agent, turnedTo(await begin(agent, 'evil'), '/_codexch/honest'));
      expect([back.pathname, back.searchParams.has('code'), back.searchParams.has('iss')]).toEqual([
        '/_codexch/honest',
        true,
        iss,
      ]);
      const answer = await agent.get(back.href);
      expect([answer.status, answer.headers.location, tokenRequests()]).toEqual([400, undefined, 0]);
      expect((await agent.xhr(url('/page'))).status).toBe(401);
    },
  );

  it('U19 nor where the honest one sends it to the callback of the evil one, and says who it is (RFC 9207)', async () => {
    const agent = browser();
    const back = await answerOf(agent, turnedTo(await begin(agent, 'evil'), '/_codexch/evil'));
    expect(back.searchParams.get('iss')).toBe(honest.issuer);
    expect([(await agent.get(back.href)).status, tokenRequests()]).toEqual([400, 0]);
  });

  it.each([
    ['honest', 'evil'],
    ['evil', 'honest'],
  ])('a login at the %s one cannot be finished at the callback of the %s one', async (begun, finished) => {
    const agent = browser();
    const back = await answerOf(agent, await begin(agent, begun));
    back.pathname = `/_codexch/${finished}`;
    back.searchParams.delete('iss');
    for (const cookie of [undefined, `oidc_provider=${finished}`]) {
      if (cookie) await agent.jar.setCookie(`${cookie}; Path=/`, site.url);
      expect([(await agent.get(back.href)).status, tokenRequests()]).toEqual([400, 0]);
    }
  });

  it('a code of the evil one in a login at the honest one signs nobody in', async () => {
    site.nginx.expectLog(/token_request_failed/);
    const [victim, mallory] = [browser(), browser()];
    const evils = await answerOf(mallory, await begin(mallory, 'evil'));
    for (const iss of [evil.issuer, undefined]) {
      const back = await answerOf(victim, await begin(victim, 'honest'));
      back.searchParams.set('code', String(evils.searchParams.get('code')));
      if (iss) back.searchParams.set('iss', iss);
      expect((await victim.get(back.href)).status).toBeGreaterThanOrEqual(400);
    }
    expect(evil.requests('/token')).toEqual([]);
    expect((await victim.xhr(url('/page'))).status).toBe(401);
  });

  it('A20 the evil one cannot say to be the honest one', async () => {
    for (const claims of [
      { iss: honest.issuer },
      { iss: honest.issuer, aud: honest.client.id },
      { aud: honest.client.id },
    ]) {
      evil.does.idToken = (proper) => ({ ...proper, ...claims });
      expect((await browser().navigate(url('/_oidc_login/evil'))).status).toBe(403);
    }
    expect(application.requests).toEqual([]);
  });

  it.each(['evil', '', 'nobody', '../honest', 'honest evil', '"', 'x'.repeat(300), '%00'])(
    'A21 a session of the honest one opens nothing with the choice %j, and is not renewed elsewhere',
    async (choice) => {
      honest.does.expiresIn = 1;
      const agent = browser();
      await agent.navigate(url('/_oidc_login/honest'));
      const secret = (await agent.cookies(site.url)).find(({ key }) => key === 'auth_token')?.value;
      await sleep(1100);
      application.requests.length = 0;
      const renewals = honest.grants('refresh_token').length;
      const cookie = `auth_token=${secret}; oidc_provider=${choice}`;
      const page = await browser().get(url('/page'), { headers: { cookie } });
      expect([page.status, application.requests.length]).toEqual([choice === 'evil' ? 302 : 401, 0]);
      expect(evil.requests('/token')).toEqual([]);
      expect(honest.grants('refresh_token')).toHaveLength(renewals);
      if (page.status === 401) expect(page.text).toContain('With which of these?');
    },
  );

  it("the choice in capitals is the same provider's, because NGINX's maps know no case", async () => {
    const agent = browser();
    await agent.navigate(url('/_oidc_login/honest'));
    const secret = (await agent.cookies(site.url)).find(({ key }) => key === 'auth_token')?.value;
    const open = async (choice: string) =>
      (await browser().xhr(url('/x'), { headers: { cookie: `auth_token=${secret}; oidc_provider=${choice}` } })).status;
    expect([await open('HONEST'), await open('EVIL')]).toEqual([200, 401]);
    expect((await agent.get(url('/_codexch/HONEST'))).status).toBe(400); // without a state
    expect((await agent.get(url('/_codexch/HONEST?code=x&state=x'))).status).toBe(404);
  });

  it('A21 the evil one ends no session of the honest one, at whichever address it calls', async () => {
    const agent = browser();
    await agent.navigate(url('/_oidc_login/honest'));
    const sid = honest.issued[0]?.sid;
    for (const { iss, aud } of [
      { iss: honest.issuer, aud: honest.client.id },
      { iss: evil.issuer, aud: evil.client.id },
    ]) {
      const logout_token = await evil.logoutToken(logoutClaims({ iss, aud }, { sub: 'alice', sid }));
      for (const name of ['honest', 'evil']) {
        await browser().post(url(`/back_channel_logout/${name}`), { logout_token });
        await browser().get(url(`/front_channel_logout/${name}?sid=${sid}&iss=${encodeURIComponent(evil.issuer)}`));
      }
    }
    expect((await agent.xhr(url('/page'))).status).toBe(200);
  });

  it('A3 the page that lets people choose leads to no other site, by whatever it is asked', async () => {
    for (const target of [
      '//evil.test/',
      'https://evil.test',
      '/\\evil.test',
      '/\t/evil.test',
      'javascript:alert(1)',
    ]) {
      const encoded = encodeURIComponent(target);
      for (const query of [`return=${encoded}`, `return=/x&return=${encoded}`, `target_link_uri=${encoded}`]) {
        const page = await browser().get(url(`/_oidc_login?${query}`));
        expect([query, page.status, page.headers.location]).toEqual([query, 400, undefined]);
        expect(page.text).not.toContain(`href="${target}`);
      }
      const form = { email: 'a@honest.example', return: target };
      const posted = await browser().post(url('/_oidc_login'), form);
      expect([target, posted.status, posted.headers.location]).toEqual([target, 400, undefined]);
    }
    const page = await browser().get(url('//evil.test/%2e%2e'), { target: '//evil.test/' });
    expect(page.text).not.toContain('evil.test');
  });
});
