import { describe, expect, it } from 'vitest';
import { type Agent, type Answer, createAgent } from '../support/agent';
import { formsOf } from '../support/html-form';
import { onEachTarget } from '../support/nginx';
import { testClient, testHmacKey } from '../support/site';
import { withLocation } from '../support/uncommented';
import { useScene } from './site';

const dryRun = (conf: string) => withLocation(conf, 'location = /_oidc_dry_run');
const isOfSession = ([key]: [string, string]) => /^[spu]:/.test(key);

onEachTarget('a dry run', (nginx) => {
  const scene = useScene(nginx, { editServer: dryRun });

  /** The page at the end of a dry run, and its sealed report. */
  async function over(agent: Agent, path = '/'): Promise<{ page: Answer; sealed: string }> {
    const page = await agent.navigate(`${scene.site.url}/_oidc_dry_run?path=${encodeURIComponent(path)}`);
    return { page, sealed: formsOf(page.text)[0]?.fields.find(({ name }) => name === 'report')?.value ?? '' };
  }
  const open = (agent: Agent, report: string, from = scene.site.url) =>
    agent.post(`${scene.site.url}/_oidc_dry_run`, { report }, { from });

  describe('is for the operator alone', () => {
    it('neither begins nor is shown for an address that is not allowed', async () => {
      const { site, agent } = scene;
      site.nginx.expectLog(/access forbidden by rule/);
      const stranger = createAgent({}, { localAddress: '127.0.0.2' });
      const { sealed } = await over(agent);
      expect((await stranger.get(`${site.url}/_oidc_dry_run?path=/`)).status).toBe(403);
      expect((await open(stranger, sealed)).status).toBe(403);
      expect((await open(agent, sealed)).status).toBe(200);
      await stranger.close();
    });

    it('is at its own address alone', async () => {
      const { site, agent } = scene;
      for (const path of ['/_oidc_dry_run/', '/_oidc_dry_run/x', '//_oidc_dry_run/..']) {
        const answer = await agent.get(site.url, { target: `${path}?path=/` });
        expect(answer.text).not.toContain('Dry run');
      }
    });

    it('is begun by no other site, and by no parameter, header or cookie of a sign-in', async () => {
      const { site, agent, provider } = scene;
      for (const from of ['https://evil.test/', 'http://127.0.0.1:1/']) {
        const answer = await agent.get(`${site.url}/_oidc_dry_run?path=/`, {
          from,
          headers: { 'sec-fetch-site': 'cross-site' },
        });
        expect([answer.status, answer.headers['set-cookie']]).toEqual([403, undefined]);
      }
      const headers = { 'oidc-dry-run': '1', 'x-oidc-dry-run': '1', cookie: 'oidc_dry_run=1' };
      const start = await agent.get(`${site.url}/?oidc_dry_run=1&dryRun=1&dry_run=1`, { headers });
      const back = await agent.get(String(start.headers.location));
      const end = await agent.get(`${String(back.headers.location)}&oidc_dry_run=1&dryRun=1`, {
        headers: { 'oidc-dry-run': '1' },
      });
      expect(end.status).toBe(302);
      expect(end.setCookies[0]).toMatch(/^auth_token=/);
      expect(provider.grants('authorization_code')).toHaveLength(1);
    });
  });

  describe('lets nobody in', () => {
    it('makes no session, also where the sign-in holds, and ends none that there is', async () => {
      const { site, agent, application } = scene;
      const before = (await scene.store()).filter(isOfSession);
      await over(agent);
      expect((await agent.cookieNames(site.url)).filter((name) => name === 'auth_token')).toEqual([]);
      expect((await agent.xhr(`${site.url}/`)).status).toBe(401);
      expect((await scene.store()).filter(isOfSession)).toEqual(before);
      expect(application.requests).toEqual([]);
      // Begun before, finished after a sign-in in another tab.
      const begun = await agent.get(`${site.url}/_oidc_dry_run?path=/`);
      const back = await agent.get(String(begun.headers.location));
      const secret = await scene.signedIn();
      const kept = (await scene.store()).filter(isOfSession);
      const end = await agent.get(String(back.headers.location));
      expect(end.text).toContain('The dry run is over');
      expect((await scene.store()).filter(isOfSession)).toEqual(kept);
      expect(end.setCookies.filter((line) => line.startsWith('auth_token='))).toEqual([]);
      expect((await agent.xhr(`${site.url}/`, { headers: { cookie: `auth_token=${secret}` } })).status).toBe(200);
    });

    it('needs the state, the nonce and the verifier of a login of the same browser, as any sign-in', async () => {
      const { site, agent, provider } = scene;
      site.nginx.expectLog(/oidc: /);
      const begun = await agent.get(`${site.url}/_oidc_dry_run?path=/`);
      const asked = new URL(String(begun.headers.location)).searchParams;
      for (const name of ['state', 'nonce', 'code_challenge']) expect(asked.get(name)).toMatch(/^[\w-]{43}$/);
      const back = String((await agent.get(String(begun.headers.location))).headers.location);
      const other = scene.browser();
      expect((await other.get(back)).status).toBe(400);
      expect((await agent.get(back.replace(/state=.{10}/, 'state=xxxxxxxxxx'))).status).toBe(400);
      expect(provider.requests('/token')).toEqual([]);
      expect((await agent.get(back)).text).toContain('The dry run is over');
      expect((await agent.get(back)).status).toBe(400); // used up
      provider.does.idToken = (claims) => ({ ...claims, nonce: 'another' });
      const { sealed } = await over(agent);
      expect((await open(agent, sealed)).text).toContain('Failed here: id_token_invalid');
    });
  });

  describe('shows nothing that opens anything', () => {
    it('has no token, code, state, nonce, verifier or secret on any page, in a log, or in the address, also when it fails', async () => {
      const { site, agent, provider } = scene;
      site.nginx.expectLog(/oidc: /);
      const texts: string[] = [];
      const secrets = new Set([testClient.secret, testHmacKey]);
      const run = async () => {
        const { page, sealed } = await over(agent);
        const report = await open(agent, sealed);
        texts.push(page.text, report.text, report.url);
        for (const { url } of page.trail) {
          const query = new URL(url).searchParams;
          for (const name of ['code', 'state', 'nonce', 'code_challenge']) secrets.add(query.get(name) ?? testHmacKey);
        }
        for (const { form } of provider.requests('/token')) secrets.add(form.get('code_verifier') ?? testHmacKey);
        for (const one of provider.secrets()) secrets.add(one);
      };
      await run();
      provider.does.idToken = (claims) => ({
        ...claims,
        sid: 'the-sid-of-this-person',
        access_token: 'claim-of-a-token',
      });
      secrets.add('the-sid-of-this-person').add('claim-of-a-token');
      await run();
      provider.does.idToken = (claims) => ({ ...claims, nonce: 'a-nonce-of-somebody' });
      secrets.add('a-nonce-of-somebody');
      await run();
      provider.does.idToken = (claims) => claims;
      provider.does.tokens = (body) => ({ ...body, id_token: undefined });
      await run();
      expect(secrets.size).toBeGreaterThan(12);
      for (const secret of secrets) for (const text of texts) expect(text).not.toContain(secret);
      const log = site.nginx.errorLog().replace(/request: "[^"]*"/g, '');
      for (const secret of secrets) expect(log).not.toContain(secret);
    });

    it('shows at the callback, which is open to everybody, nothing of the person', async () => {
      const { page } = await over(scene.agent);
      for (const text of ['alice', 'example.com', 'staff', 'RS256']) expect(page.text).not.toContain(text);
      expect(page.headers['cache-control']).toBe('no-store');
      expect(page.headers['content-security-policy']).toContain("default-src 'none'");
    });

    it('opens no report that was changed, made up, or sealed for something else', async () => {
      const { site, agent } = scene;
      const { sealed } = await over(agent);
      const start = await agent.get(`${site.url}/`);
      const login = /^oidc_login_[^=]+=[^.]*\.([^;]+)/.exec(
        start.setCookies.find((line) => line.startsWith('oidc_login_')) ?? '',
      )?.[1];
      expect(login).toBeTruthy();
      const changed = `${sealed.slice(0, -2)}${sealed.endsWith('A') ? 'BB' : 'AA'}`;
      for (const one of ['', 'x', changed, String(login), sealed.slice(4), `${sealed}A`]) {
        const answer = await open(agent, one);
        expect([answer.status, answer.text]).toEqual([400, expect.not.stringContaining('alice')]);
      }
      expect((await open(agent, sealed, 'https://evil.test')).status).toBe(403);
    });

    it('escapes what the provider sent', async () => {
      const { agent, provider } = scene;
      const evil = '"><script>alert(1)</script>\r\nX: y';
      provider.does.idToken = (claims) => ({ ...claims, name: evil, [evil]: { [evil]: [evil] }, __proto__x: 1 });
      const { sealed } = await over(agent, '/<script>');
      const { text } = await open(agent, sealed);
      expect(text).toContain('&lt;script&gt;alert(1)');
      expect(text).not.toContain('<script');
    });
  });
});
