import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { describeNginx } from '../../scripts/nginx/target';
import { type Agent, createAgent } from '../support/agent';
import { type CognitoProvider, startCognito } from '../support/cognito-provider';
import { type EchoApplication, startEchoApplication } from '../support/echo-application';
import { type NginxProcess, useNginx } from '../support/nginx';
import { startKeptSite } from '../support/plus/kept-site';

const able = inject('nginxTargets').filter(({ engine, target }) => engine === 'qjs' || target === 'P');

// The stand-in for keyval and auth_jwt needs QuickJS.
describe.each(able.map((nginx) => [`[${describeNginx(nginx)}]`, nginx] as const))(
  '%s configuration files of the reference implementation, with our openid_connect.js',
  (_title, nginx) => {
    useNginx();
    let cognito: CognitoProvider;
    let application: EchoApplication;
    let process: NginxProcess;
    let agent: Agent;
    let url: string;

    beforeAll(async () => {
      cognito = await startCognito();
      application = await startEchoApplication();
      ({ url, process } = await startKeptSite({
        nginx,
        cognito,
        application: application.address,
        edit: (conf) => conf.replace(/\$oidc_hmac_key\s+\{/, '$& broken.example.com ChangeMe;'),
      }));
    });
    beforeEach(() => {
      cognito.reset();
      cognito.allow(`${url}/_codexch`, `${url}/_logout`);
      agent = createAgent();
    });
    afterEach(() => agent.close());
    afterAll(() => Promise.all([cognito.stop(), application.stop()]));

    const signIn = async (path = '/') => {
      const form = await agent.navigate(url + path);
      const posted = await agent.post(form.url, { login: 'alice', password: 'wonderland' });
      return agent.navigate(String(posted.headers.location));
    };
    const headers = () => application.requests.at(-1)?.headers ?? {};

    it('signs in with the map values, and passes user and access token on', async () => {
      const page = await signIn('/reports?a=b');
      expect([page.status, page.url]).toEqual([200, `${url}/reports?a=b`]);
      expect(headers().username).toBe(cognito.person.sub);
      expect(headers().authorization).toMatch(/^Bearer ey/);
      const asked = cognito.requests('/oauth2/authorize')[0]?.query;
      expect([asked?.get('ui_locales'), asked?.get('code_challenge')]).toEqual(['en', null]);
      expect(cognito.grants('authorization_code')[0]?.authorization).toMatch(/^Basic /);
    });

    it('believes the forwarded port and scheme, as those files always did', async () => {
      const forwarded = { 'x-forwarded-proto': 'https', 'x-forwarded-port': '443' };
      const answer = await agent.get(`${url}/`, { headers: { ...forwarded, 'sec-fetch-mode': 'navigate' } });
      const asked = new URL(String(answer.headers.location));
      expect(asked.searchParams.get('redirect_uri')).toBe('https://127.0.0.1:443/_codexch');
    });

    it('renews, and signs out at the provider', async () => {
      cognito.does.lifetime = 2;
      await signIn();
      await sleep(2100);
      cognito.does.lifetime = 3600;
      expect((await agent.navigate(`${url}/`)).status).toBe(200);
      expect(cognito.grants('refresh_token')).toHaveLength(1);
      const out = await agent.get(`${url}/logout`);
      expect(String(out.headers.location)).toContain(`${cognito.domain}/logout?`);
      expect((await agent.xhr(`${url}/`)).status).toBe(401);
    });

    it('ends the session that the provider names', async () => {
      cognito.does.claims = { sid: 'session-of-the-provider' };
      await signIn();
      const stranger = createAgent();
      const frame = `${url}/front_channel_logout?sid=session-of-the-provider&iss=${encodeURIComponent(cognito.issuer)}`;
      expect((await stranger.get(frame)).text).toBe('Logout successful');
      await stranger.close();
      expect((await agent.xhr(`${url}/`)).status).toBe(401);
    });

    it.each(['/', '/_codexch?error=access_denied'])(
      'shows an error on a page with its reference and, as $oidc_debug is on, its cause: %s',
      async (path) => {
        process.expectLog(/"refId":.*(?:config_invalid|callback_invalid)/);
        const headers = { host: 'broken.example.com', 'sec-fetch-mode': 'navigate' };
        const page = await agent.get(url + path, { headers });
        expect([page.status, page.headers['content-type']]).toEqual([500, 'text/html; charset=utf-8']);
        expect(page.headers['www-authenticate']).toBeUndefined();
        const [, reference] = /Reference: (\w{8})</.exec(page.text) ?? [];
        expect(page.text).toMatch(/Cause: config_invalid: \$oidc_hmac_key must be/);
        expect(process.errorLog()).toContain(`{"refId":"${reference}","message":"config_invalid`);
      },
    );

    it('logs errors as those files say', async () => {
      process.expectLog(/"refId":.*callback_invalid/);
      const page = await agent.get(`${url}/_codexch?error=access_denied`);
      expect([page.status, page.text]).toEqual([502, expect.stringMatching(/Cause: callback_invalid/)]);
      const [line = ''] = /\{"refId".*callback_invalid.*\}/.exec(process.errorLog()) ?? [];
      expect(Object.keys(JSON.parse(line) as object)).toEqual(
        expect.arrayContaining(['refId', 'message', 'clientIp', 'host', 'method', 'uri', 'httpVersion']),
      );
    });

    it('ends a session that the provider no longer renews with a warning of the same form', async () => {
      cognito.does.lifetime = 2;
      await signIn();
      await sleep(2100);
      cognito.does.refreshAnswer = { status: 400, body: { error: 'interaction_required' } };
      process.expectLog(/\[warn\].*"refId":.*refresh_rejected/);
      expect((await agent.xhr(`${url}/`)).status).toBe(401);
    });

    it('offers a sign-in where a renewal fails for the sake of the client', async () => {
      cognito.does.lifetime = 2;
      await signIn('/reports');
      await sleep(2100);
      cognito.does.lifetime = 3600;
      cognito.does.refreshAnswer = { status: 400, body: { error: 'unauthorized_client' } };
      process.expectLog(/"refId":.*unauthorized_client/);
      const page = await agent.navigate(`${url}/reports`);
      const [, href = ''] = /<a href="([^"]*)">Sign in again</.exec(page.text) ?? [];
      expect([page.status, href]).toEqual([502, '/logout?sign_in=%2Freports']);
      const back = await agent.navigate(url + href); // the provider still knows who it is
      expect([back.status, back.url]).toEqual([200, `${url}/reports`]);
    });
  },
);
