import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Agent, createAgent, signIn } from '../support/agent';
import { type CognitoProvider, startCognito } from '../support/cognito-provider';
import { guideDirectives, startCognitoSite, withoutOfflineAccess } from '../support/cognito-site';
import { type Echo, type EchoApplication, startEchoApplication } from '../support/echo-application';
import { onEachTarget, useNginx } from '../support/nginx';
import type { Site } from '../support/site';

const worker = userInfo().username;

onEachTarget('the Cognito guide', (nginx) => {
  useNginx();
  let cognito: CognitoProvider;
  let application: EchoApplication;
  let site: Site | undefined;
  let agents: Agent[] = [];
  const folder = mkdtempSync(join(tmpdir(), 'cognito-'));
  const file = join(folder, 'my_cognito_jwk.json');

  beforeAll(async () => {
    [cognito, application] = await Promise.all([startCognito(), startEchoApplication()]);
  });
  afterEach(async () => {
    await Promise.all(agents.map((agent) => agent.close()));
    await site?.stop();
    agents = [];
    cognito.reset();
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true });
    await Promise.all([cognito.stop(), application.stop()]);
  });

  const browser = () => {
    const agent = createAgent();
    agents.push(agent);
    return agent;
  };
  const start = async (
    changes: Record<string, string> = {},
    more: Partial<Parameters<typeof startCognitoSite>[4]> = {},
  ): Promise<Site> => {
    const set = { ...guideDirectives(cognito), ...changes };
    site = await startCognitoSite(nginx, cognito, application, set, { editServer: withoutOfflineAccess, ...more });
    return site;
  };

  it('step 3: signs in with the endpoints, the client and the key set in frontend.conf, and nothing else', async () => {
    const { url } = await start();
    const page = await signIn(browser(), `${url}/reports?year=2026`);
    expect(page.status).toBe(200);
    const echo = page.json<Echo>();
    expect(echo.url).toBe('/reports?year=2026');
    expect(echo.headers.username).toBe(cognito.person.sub);
    expect(cognito.requests(`${new URL(cognito.issuer).pathname}/.well-known/openid-configuration`)).toEqual([]);
  });

  it('step 12 of the console: the redirect URI has the port in it and ends in /_codexch', async () => {
    const { url, port } = await start();
    await signIn(browser(), url);
    const [asked] = cognito.requests('/oauth2/authorize');
    expect(asked?.query.get('redirect_uri')).toBe(`http://127.0.0.1:${port}/_codexch`);
    const [grant] = cognito.grants('authorization_code');
    expect(grant?.form.get('redirect_uri')).toBe(`http://127.0.0.1:${port}/_codexch`);
  });

  it('shows the error page of Cognito when the registered callback differs by the port', async () => {
    const { url } = await start();
    cognito.client.callbacks[0] = 'http://127.0.0.1/_codexch';
    const page = await browser().navigate(url);
    expect(page.url).toContain(`${cognito.domain}/error?error=redirect_mismatch`);
  });

  it('leaves the port out where $oidc_base_url says so', async () => {
    const { url } = await start({ oidc_base_url: 'http://app.example.com' });
    const answer = await browser().get(url);
    const location = new URL(String(answer.headers.location));
    expect(location.searchParams.get('redirect_uri')).toBe('http://app.example.com/_codexch');
  });

  it('takes the whole redirect URI from $oidc_redirect_uri', async () => {
    const { url } = await start({}, { changes: { alsoSet: { oidc_redirect_uri: 'https://sso.example.com/back' } } });
    const answer = await browser().get(url);
    const location = new URL(String(answer.headers.location));
    expect(location.searchParams.get('redirect_uri')).toBe('https://sso.example.com/back');
  });

  it('step 4: fetches the JWK set from its URL once, and keeps it', async () => {
    const { url } = await start();
    await signIn(browser(), url);
    await signIn(browser(), url);
    expect(cognito.requests(new URL(cognito.jwksUri).pathname)).toHaveLength(1);
  });

  describe('with the JWK set in a local file', () => {
    const startWith = (content: string) => {
      writeFileSync(file, content);
      return start({ oidc_jwt_keyfile: file, oidc_issuer: cognito.issuer });
    };
    const download = async () => (await browser().get(cognito.jwksUri)).text;

    it('step 4: signs in, and asks for no key over the network', async () => {
      const keys = await download();
      cognito.reset();
      const { url } = await startWith(keys);
      expect((await signIn(browser(), url)).json<Echo>().headers.username).toBe(cognito.person.sub);
      expect(cognito.requests(new URL(cognito.jwksUri).pathname)).toEqual([]);
    });

    it('step 6: a missing file names itself and the user who must be able to read it', async () => {
      const { url, nginx: process } = await start({
        oidc_jwt_keyfile: '/nowhere/my_cognito_jwk.json',
        oidc_issuer: cognito.issuer,
      });
      const page = await signIn(browser(), url);
      expect(page.status).toBe(502);
      expectInLog(
        process,
        new RegExp(`jwks_failed ref=\\w+ \\$oidc_jwt_keyfile /nowhere/my_cognito_jwk.json: .*user ${worker} must`),
      );
    });

    it('step 6: an unreadable file names itself and the user who must be able to read it', async () => {
      const { url, nginx: process } = await start({ oidc_jwt_keyfile: '/etc', oidc_issuer: cognito.issuer });
      expect((await signIn(browser(), url)).status).toBe(502);
      expectInLog(
        process,
        new RegExp(`jwks_failed ref=\\w+ \\$oidc_jwt_keyfile /etc: .*user ${worker} must be able to read it`),
      );
    });

    it('step 6: a broken file names itself', async () => {
      const { url, nginx: process } = await startWith('{"keys": [');
      expect((await signIn(browser(), url)).status).toBe(502);
      expectInLog(process, /jwks_invalid ref=\w+ \$oidc_jwt_keyfile \S+my_cognito_jwk.json: /);
    });

    it('keeps people signed in when it takes the place of the URL, and the other way round', async () => {
      const { url, nginx: process } = await start();
      const agent = browser();
      await signIn(agent, url);
      const conf = join(process.dir, 'conf.d/frontend.conf');
      writeFileSync(file, await download());
      const withUrl = readFileSync(conf, 'utf8');
      for (const text of [withUrl.replace(cognito.jwksUri, file), withUrl]) {
        writeFileSync(conf, text);
        await process.reload();
        expect((await agent.get(`${url}/still-here`)).status).toBe(200);
      }
    });
  });

  it('step 5: with offline_access in the list, the page and the log name the setting to change', async () => {
    const { url, nginx: process } = await start({}, { editServer: (conf: string) => conf });
    const page = await signIn(browser(), url);
    expect(page.status).toBe(403);
    expect(page.text).toContain('invalid_request: invalid_scope');
    expect(page.text).toContain('$oidc_scopes');
    expect(process.errorLog()).toMatch(/provider_error ref=\w+ .*invalid_scope; change \$oidc_scopes/);
  });

  it('step 5: without it, the scope list is what the guide shows', async () => {
    const { url } = await start();
    await signIn(browser(), url);
    expect(cognito.requests('/oauth2/authorize')[0]?.query.get('scope')).toBe('openid profile email');
  });

  it('testing: a wrong password stays at Cognito, the right one leads to the application', async () => {
    const { url } = await start();
    const agent = browser();
    const form = await agent.navigate(url);
    const again = await agent.post(form.url, { login: 'alice', password: 'wrong' });
    expect(again.text).toContain('type="password"');
    expect((await agent.get(url)).status).toBe(302);
    expect((await signIn(agent, url)).status).toBe(200);
  });

  function expectInLog(process: Site['nginx'], pattern: RegExp): void {
    expect(process.errorLog()).toMatch(pattern);
    process.expectLog(/oidc: jwks_/);
  }
});
