import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { describeNginx } from '../../scripts/nginx/find';
import { type Agent, createAgent } from '../support/agent';
import { type CognitoProvider, startCognito } from '../support/cognito-provider';
import { type EchoApplication, startEchoApplication } from '../support/echo-application';
import { freePort, type NginxProcess, startNginx, useNginx } from '../support/nginx';
import { containerResolver, engineDirective } from '../support/nginx-configuration';
import { authJwtLocation, claimVariables, standInFiles, stockConfiguration } from '../support/plus/stock-translation';
import { shipped, testHmacKey } from '../support/site';

const kept = (name: string) => readFileSync(new URL(`../support/plus/kept/${name}`, import.meta.url), 'utf8');
const names = ['openid_connect_configuration.conf', 'openid_connect.server_conf', 'frontend.conf'];
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
      const port = await freePort();
      url = `http://127.0.0.1:${port}`;
      const values: Record<string, string> = {
        DOMAIN: cognito.domain,
        JWKS: cognito.jwksUri,
        ISSUER: cognito.issuer,
        CLIENT: cognito.client.id,
        SECRET: cognito.client.secret,
        HMAC: testHmacKey,
        LISTEN: `127.0.0.1:${port}`,
        APPLICATION: application.address,
      };
      const isPlus = nginx.target === 'P';
      const files: Record<string, string> = {};
      for (const name of names) {
        const conf = kept(name)
          .replace(/@([A-Z]+)@/g, (_, key: string) => values[key] ?? '')
          .replace('127.0.0.53', nginx.image ? containerResolver : '127.0.0.53');
        files[`conf.d/${name}`] = isPlus ? conf : stockConfiguration(conf);
      }
      if (!isPlus) {
        files['conf.d/openid_connect.server_conf'] += authJwtLocation;
        Object.assign(files, standInFiles(kept('openid_connect_configuration.conf')));
      }
      process = await startNginx({
        nginx,
        files: { ...files, 'conf.d/openid_connect.js': shipped('plus/openid_connect.js') },
        http: `${isPlus ? '' : `${engineDirective(nginx)}\n${claimVariables}`}\ninclude conf.d/*.conf;`,
      });
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

    it('shows and logs errors as those files say', async () => {
      process.expectLog(/"refId":.*callback_invalid/);
      const page = await agent.get(`${url}/_codexch?error=access_denied`);
      expect([page.status, page.text]).toEqual([502, expect.stringMatching(/ReferenceID: \w{8} callback_invalid/)]);
      const [line = ''] = /\{"refId".*\}/.exec(process.errorLog()) ?? [];
      expect(Object.keys(JSON.parse(line) as object)).toEqual(
        expect.arrayContaining(['refId', 'message', 'clientIp', 'host', 'method', 'uri', 'httpVersion']),
      );
    });
  },
);
