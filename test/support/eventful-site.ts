import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import type { Nginx } from '../../scripts/nginx/target';
import { uncommented, withAuditLog } from '../../scripts/site/optional';
import { callbackFor, type Scene, type SceneOptions, useScene } from '../security/site';
import type { Agent } from './agent';
import { logoutClaims } from './logout-claims';
import { testClient } from './site';

const locations = `
    location /admins/ {
        set $oidc_require "groups any nobody";
        auth_request /_oidc_auth; error_page 401 = @do_oidc_flow; proxy_pass http://my_backend;
    }
    location /mfa/ {
        set $oidc_acr_values "mfa";
        auth_request /_oidc_auth; error_page 401 = @do_oidc_flow; proxy_pass http://my_backend;
    }
    location /api/ {
        set $oidc_bearer_audience "api";
        auth_request /_oidc_bearer; error_page 401 = @do_oidc_flow; proxy_pass http://my_backend;
    }
    location /api/write/ {
        set $oidc_bearer_audience "api";
        set $oidc_require_scope "orders:write";
        auth_request /_oidc_bearer; error_page 401 = @do_oidc_flow; proxy_pass http://my_backend;
    }
`;

/** A site on which everything can happen that is counted and audited, with both switched on. */
export function useEventfulSite(nginx: Nginx, options: SceneOptions = {}): Scene {
  return useScene(nginx, {
    workers: 4,
    ...options,
    editServer: (conf) => uncommented(uncommented(conf, '_oidc_sessions'), '_oidc_metrics'),
    editFrontend: (conf) => {
      const edited = (options.editFrontend ?? withAuditLog)(conf);
      return edited.replace(/\n {4}location \/ \{/, `\n${locations}    location / {`);
    },
  });
}

const noBrowser = { 'sec-fetch-site': undefined, 'sec-fetch-mode': undefined, 'sec-fetch-dest': undefined };
const bearer = (token: string) => ({ headers: { ...noBrowser, authorization: `Bearer ${token}` } });

/** What can happen on the site, a function for each. */
export function happenings(scene: Scene) {
  const lastSid = () => String(scene.provider.issued.at(-1)?.sid);
  const program = (path: string, options: Record<string, unknown> = {}) =>
    scene.browser().xhr(`${scene.site.url}${path}`, { headers: noBrowser, ...options });
  const as = (sub: string) => {
    scene.provider.does.user = { ...scene.provider.does.user, sub };
  };

  scene.site.nginx.expectLog(/js: .*(?:token_request_failed|refresh_rejected)/);

  return {
    program,
    async person(sub: string, agent: Agent = scene.browser()) {
      as(sub);
      const cookie = await scene.signedIn(agent);
      return { agent, cookie, sid: lastSid() };
    },
    /** People of one name sign in at once. */
    async people(sub: string, count: number) {
      as(sub);
      const agents = Array.from({ length: count }, () => scene.browser());
      await Promise.all(agents.map((agent) => scene.signedIn(agent)));
      return agents;
    },
    async refusedCallback(agent: Agent = scene.browser()) {
      scene.provider.respond('/token', { status: 400, body: JSON.stringify({ error: 'invalid_grant' }), times: 1 });
      const callback = await callbackFor(scene, agent);
      expect((await agent.get(callback.href)).status).toBe(502);
      return callback;
    },
    async forgedCallback() {
      expect((await scene.browser().get(`${scene.site.url}/_codexch?code=stolen-code&state=x`)).status).toBe(400);
    },
    async loop() {
      const agent = scene.browser();
      for (let attempt = 0; attempt < 5; attempt++) await this.refusedCallback(agent);
      expect((await agent.get(`${scene.site.url}/`)).status).toBe(429);
    },
    async stepUp(agent: Agent, sub: string) {
      as(sub);
      scene.provider.does.idToken = (claims) => ({ ...claims, acr: 'mfa' });
      expect((await agent.navigate(`${scene.site.url}/mfa/`)).status).toBe(200);
      scene.provider.does.idToken = (claims) => claims;
    },
    async denied(agent: Agent) {
      expect((await agent.navigate(`${scene.site.url}/admins/`)).status).toBe(403);
    },
    async signOut(agent: Agent) {
      expect((await agent.get(`${scene.site.url}/logout`)).status).toBe(302);
    },
    async signOutEverywhere(agent: Agent) {
      const from = `${scene.site.url}/`;
      expect((await agent.post(`${scene.site.url}/logout?everywhere=1`, {}, { from })).status).toBe(302);
    },
    async frontChannel(sid: string) {
      const query = new URLSearchParams({ iss: scene.provider.issuer, sid });
      expect((await program(`/front_channel_logout?${query}`)).status).toBe(200);
    },
    async backChannel(claims: Record<string, unknown>, status = 200) {
      const made = logoutClaims({ iss: scene.provider.issuer, aud: testClient.id }, claims);
      const form = { logout_token: await scene.provider.logoutToken(made) };
      const answer = await program('/back_channel_logout', { method: 'POST', form });
      expect(answer.status).toBe(status);
      return form.logout_token;
    },
    async endedByOperator(sub: string) {
      const answer = await program('/_oidc_sessions', { method: 'POST', form: { sub } });
      expect(answer.status).toBe(200);
    },
    /** @param error what the token endpoint says; nothing for a renewal that works */
    async renewal(sub: string, error?: string) {
      scene.provider.does.expiresIn = 1;
      const { agent, cookie } = await this.person(sub);
      await sleep(1100);
      scene.provider.does.expiresIn = 300;
      if (error) scene.provider.respond('/token', { status: 400, body: JSON.stringify({ error }), times: 1 });
      const answer = await agent.xhr(`${scene.site.url}/`);
      expect(answer.status).toBe(error === 'invalid_grant' ? 401 : 200);
      return { agent, cookie };
    },
    async token(path: string, claims: Record<string, unknown>, status: number) {
      const token = await scene.provider.accessToken(claims);
      expect((await program(path, bearer(token))).status).toBe(status);
      return token;
    },
    async badTokens(count: number) {
      const ask = () => program('/api/', bearer(`not.a.token${Math.random()}`));
      const answers = await Promise.all(Array.from({ length: count }, ask));
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401]));
    },
  };
}
