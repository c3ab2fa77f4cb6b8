import { describe, expect, it } from 'vitest';
import { useScene } from '../security/site';
import { type Agent, type Answer, createAgent } from '../support/agent';
import { startEchoApplication } from '../support/echo-application';
import { formsOf } from '../support/html-form';
import { startMisbehavingProvider } from '../support/misbehaving-provider';
import { onEachTarget, useNginx } from '../support/nginx';
import { startSiteWithProviders } from '../support/several-providers';
import { withLocation } from '../support/uncommented';

const dryRun = (conf: string) => withLocation(conf, 'location = /_oidc_dry_run');
const admin = (conf: string) =>
  conf.replace(
    '    location / {',
    `    location /admin/ {
        set $oidc_require "groups any admins; email matches .*@example[.]org";
        auth_request /_oidc_auth;
        error_page 401 = @do_oidc_flow;
        proxy_pass http://my_backend;
    }
    location /broken/ {
        set $oidc_require "groups sometimes";
        auth_request /_oidc_auth;
        error_page 401 = @do_oidc_flow;
        proxy_pass http://my_backend;
    }
    location / {`,
  );

onEachTarget('a dry run', (nginx) => {
  describe('of a site with one provider', () => {
    const scene = useScene(nginx, { editServer: dryRun, editFrontend: admin });

    it('shows each step of a sign-in that works, and makes no session', async () => {
      const { agent, site, provider } = scene;
      const over = await signInDry(agent, `${site.url}/_oidc_dry_run?path=/page`);
      expect(over.text).toContain('The dry run is over');
      const report = await open(agent, over);
      expect(report.status).toBe(200);
      expect(report.text).toContain('Dry run: the sign-in works');
      for (const shown of ['RS256', 'alice@example.com', 'admins', 'renewed from', '$jwt_claim_sub', 'let in']) {
        expect(report.text).toContain(shown);
      }
      expect(await agent.cookieNames(site.url)).toEqual([]);
      expect((await scene.store()).filter(([key]) => /^[spu]:/.test(key))).toEqual([]);
      expect((await agent.xhr(`${site.url}/page`)).status).toBe(401);
      expect(provider.requests('/revoke')).toHaveLength(1);
      expect(scene.application.requests).toEqual([]);
    });

    it('tells the verdict of the rule at the page that was named', async () => {
      const { agent, site } = scene;
      const report = await open(agent, await signInDry(agent, `${site.url}/_oidc_dry_run?path=/admin/users`));
      expect(report.text).toContain('groups any admins; email matches .*@example[.]org');
      expect(report.text).toMatch(/refused, not_allowed: .*email matches .* does not hold/);
      expect(scene.application.requests).toEqual([]);
    });

    it('shows where a sign-in fails, why, and what went well before', async () => {
      const { agent, site, provider } = scene;
      site.nginx.expectLog(/oidc: id_token_invalid/);
      provider.does.idToken = (claims) => ({ ...claims, aud: 'somebody-else' });
      const report = await open(agent, await signInDry(agent, `${site.url}/_oidc_dry_run?path=/`));
      expect(report.text).toContain('Dry run: it failed');
      expect(report.text).toContain('The token endpoint took the code');
      expect(report.text).toContain('Failed here: id_token_invalid');
      expect(report.text).toContain('&quot;aud&quot; is &quot;somebody-else&quot;');
      expect(report.text).not.toContain('The ID token holds');
      expect(site.nginx.errorLog()).toContain(/reference in error\.log<\/th><td>(\w+)/.exec(report.text)?.[1]);
    });

    it('shows what the provider says when it refuses the client', async () => {
      const { agent, site, provider } = scene;
      site.nginx.expectLog(/oidc: token_request_failed/);
      provider.respond('/token', { status: 401, body: '{"error":"invalid_client"}' });
      const report = await open(agent, await signInDry(agent, `${site.url}/_oidc_dry_run?path=/`));
      expect(report.text).toContain('Failed here: token_request_failed');
      expect(report.text).toContain('invalid_client');
    });

    it('says why a sign-in cannot even begin', async () => {
      const { agent, site, provider } = scene;
      site.nginx.expectLog(/oidc: config_invalid/);
      expect(provider.requests('/authorize')).toEqual([]);
      const answer = await agent.get(`${site.url}/_oidc_dry_run?path=/broken/`);
      expect(answer.text).toContain('Failed here: config_invalid');
      expect(answer.text).toContain('$oidc_require cannot be read');
    });

    it('begins with a form, and not for somebody who is signed in', async () => {
      const { agent, site } = scene;
      expect(formsOf((await agent.get(`${site.url}/_oidc_dry_run`)).text)[0]).toMatchObject({
        action: '/_oidc_dry_run',
      });
      await scene.signedIn();
      const answer = await agent.get(`${site.url}/_oidc_dry_run?path=/`);
      expect([answer.status, answer.text]).toEqual([409, expect.stringContaining('sign out first')]);
    });
  });

  describe('of a provider that posts its answers, and takes pushed requests', () => {
    const scene = useScene(nginx, {
      editServer: dryRun,
      changes: { alsoSet: { oidc_response_mode: 'form_post', oidc_par: 'on', oidc_userinfo: '1' } },
    });

    it('is one by the same steps', async () => {
      const { agent, site, provider } = scene;
      provider.does.userinfo = (claims) => ({ ...claims, department: 'looking-glass' });
      const over = await signInDry(agent, `${site.url}/_oidc_dry_run?path=/`);
      expect(provider.requests('/par')).toHaveLength(1);
      const report = await open(agent, over);
      expect(report.text).toContain('UserInfo adds');
      expect(report.text).toContain('looking-glass');
      expect((await scene.store()).filter(([key]) => /^[spu]:/.test(key))).toEqual([]);
    });
  });

  describe('of a site with several providers', () => {
    useNginx();

    it('is one at the provider that is named, and no other', async () => {
      const [acme, globex] = [await startMisbehavingProvider(), await startMisbehavingProvider()];
      const application = await startEchoApplication();
      const site = await startSiteWithProviders({
        nginx,
        application: application.address,
        providers: { acme, globex },
        editServer: dryRun,
      });
      const agent = createAgent();
      const form = await agent.get(`${site.url}/_oidc_dry_run`);
      expect(form.text).toContain('<option>acme</option><option>globex</option>');
      globex.does.user = { sub: 'hank', name: 'Hank Scorpio' };
      const report = await open(agent, await signInDry(agent, `${site.url}/_oidc_dry_run?path=/&provider=globex`));
      expect(report.text).toContain('Hank Scorpio');
      expect(acme.requests('/token')).toEqual([]);
      site.nginx.expectLog(/oidc: provider_unknown/);
      expect((await agent.get(`${site.url}/_oidc_dry_run?path=/`)).status).toBe(404);
      await agent.close();
      await Promise.all([acme.stop(), globex.stop(), application.stop()]);
    });
  });
});

/** Follows the sign-in; the page at its end. */
const signInDry = (agent: Agent, url: string): Promise<Answer> => agent.navigate(url);

/** Presses the button of that page. */
async function open(agent: Agent, over: Answer): Promise<Answer> {
  const [form] = formsOf(over.text);
  if (!form) throw new Error(`no form: ${over.status} ${over.text}`);
  const fields = Object.fromEntries(form.fields.map(({ name, value }) => [name, value]));
  return agent.post(new URL(form.action, over.url).href, fields, { from: over.url });
}
