import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { type Agent, createAgent, signIn } from '../support/agent';
import { type CognitoProvider, startCognito } from '../support/cognito-provider';
import { discoveryDirectives, startCognitoSite } from '../support/cognito-site';
import { type Echo, type EchoApplication, startEchoApplication } from '../support/echo-application';
import { onEachTarget, useNginx } from '../support/nginx';
import type { Site } from '../support/site';

onEachTarget('Amazon Cognito', (nginx) => {
  useNginx();
  let cognito: CognitoProvider;
  let application: EchoApplication;
  let site: Site;
  let agent: Agent;

  beforeAll(async () => {
    [cognito, application] = await Promise.all([startCognito(), startEchoApplication()]);
    site = await startCognitoSite(nginx, cognito, application, discoveryDirectives(cognito), {
      changes: {
        alsoSet: { oidc_logout_style: 'cognito' }, // told from the issuer's name, which is 127.0.0.1 here
        proxyHeaders: {
          'X-Groups': '$oidc_claim_cognito_groups',
          'X-Username': '$oidc_claim_cognito_username',
          'X-Department': '$oidc_claim_custom_department',
          'X-Admin': '$is_admin',
        },
      },
      http: `js_var $oidc_claim_cognito_groups; js_var $oidc_claim_cognito_username; js_var $oidc_claim_custom_department;
        map $oidc_claim_cognito_groups $is_admin { default no; "~(^|,)admins(,|$)" yes; }`,
    });
  });
  beforeEach(() => {
    agent = createAgent();
  });
  afterEach(async () => {
    await agent.close();
    cognito.reset();
    cognito.allow(`${site.url}/_codexch`, `${site.url}/_logout`);
  });
  afterAll(() => Promise.all([cognito.stop(), application.stop()]));

  /** Signs in with tokens that end in two seconds, and waits until they have. */
  const signInAndOutliveTokens = async () => {
    cognito.does.lifetime = 2;
    await signIn(agent, site.url);
    await sleep(2100);
  };

  it('1: finds the endpoints, which are on another host than the issuer', async () => {
    const { headers } = await agent.get(site.url);
    expect(new URL(String(headers.location)).origin).toBe(cognito.domain);
    expect(new URL(cognito.issuer).origin).not.toBe(cognito.domain);
    expect((await signIn(agent, site.url)).status).toBe(200);
  });

  it('2: does not ask for offline_access, and renews without it', async () => {
    await signInAndOutliveTokens();
    expect(cognito.requests('/oauth2/authorize')[0]?.query.get('scope')).toBe('openid profile email');
    expect((await agent.get(site.url)).status).toBe(200);
    expect(cognito.grants('refresh_token')).toHaveLength(1);
  });

  it('3: keeps the refresh token when the answer to a renewal has none', async () => {
    await signInAndOutliveTokens();
    expect((await agent.get(site.url)).status).toBe(200);
    await sleep(2100);
    expect((await agent.get(site.url)).status).toBe(200);
    const used = cognito.grants('refresh_token').map(({ form }) => form.get('refresh_token'));
    expect(used).toHaveLength(2);
    expect(used[1]).toBe(used[0]);
  });

  it('3: stores the new refresh token when rotation is on', async () => {
    cognito.does.rotate = true;
    await signInAndOutliveTokens();
    expect((await agent.get(site.url)).status).toBe(200);
    await sleep(2100);
    expect((await agent.get(site.url)).status).toBe(200);
    const used = cognito.grants('refresh_token').map(({ form }) => form.get('refresh_token'));
    expect(new Set(used).size).toBe(2);
  });

  it('3: makes one call for twenty parallel requests with rotation and no grace', async () => {
    cognito.does.rotate = true;
    cognito.does.tokenDelay = 200;
    await signInAndOutliveTokens();
    const answers = await Promise.all(Array.from({ length: 20 }, () => agent.get(site.url)));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    expect(cognito.grants('refresh_token')).toHaveLength(1);
  });

  it('4: sends the secret as Basic, together with PKCE', async () => {
    await signIn(agent, site.url);
    const [grant] = cognito.grants('authorization_code');
    expect(grant?.authorization).toMatch(/^Basic /);
    expect(grant?.form.has('client_secret')).toBe(false);
    expect(grant?.form.get('code_verifier')).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(cognito.requests('/oauth2/authorize')[0]?.query.get('code_challenge_method')).toBe('S256');
  });

  it('5: uses a state that the sign-in pages carry through', async () => {
    await signIn(agent, `${site.url}/a?b={"c":"d=e&f"}`);
    expect(cognito.requests('/oauth2/authorize')[0]?.query.get('state')).toMatch(/^[A-Za-z0-9_-]{43}$/);
  });

  it('6: signs out with client_id and logout_uri, and comes back signed out at both', async () => {
    await signIn(agent, site.url);
    const page = await agent.navigate(`${site.url}/logout`);
    const [asked] = cognito.requests('/logout');
    expect(Object.fromEntries(asked?.query ?? [])).toEqual({
      client_id: cognito.client.id,
      logout_uri: `${site.url}/_logout`,
    });
    expect(page.url).toBe(`${site.url}/_logout`);
    expect(page.text).toContain('Signed out');
    expect((await agent.navigate(site.url)).text).toContain('type="password"');
  });

  it('6: signs out with redirect_uri and response_type=code, which leads straight to the next sign-in', async () => {
    const again = await startCognitoSite(nginx, cognito, application, discoveryDirectives(cognito), {
      changes: { alsoSet: { oidc_logout_style: 'cognito_login' } },
    });
    await signIn(agent, again.url);
    const form = await agent.navigate(`${again.url}/logout`);
    expect(form.text).toContain('type="password"');
    const asked = cognito.requests('/logout').at(-1)?.query;
    expect([...(asked?.keys() ?? [])]).toEqual(expect.arrayContaining(['client_id', 'redirect_uri', 'scope', 'state']));
    expect(asked?.get('response_type')).toBe('code');
    expect(asked?.get('redirect_uri')).toBe(`${again.url}/_codexch`);
    expect((await agent.xhr(again.url)).status, 'signed out meanwhile').toBe(401);
    const posted = await agent.post(form.url, { login: 'alice', password: 'wonderland' });
    const page = await agent.navigate(String(posted.headers.location));
    expect([page.status, page.url]).toEqual([200, `${again.url}/`]);
    await again.stop();
  });

  it('7: revokes the refresh token at sign-out', async () => {
    await signIn(agent, site.url);
    await agent.navigate(`${site.url}/logout`);
    const [revoked] = cognito.requests('/oauth2/revoke');
    expect(revoked?.authorization).toMatch(/^Basic /);
    expect(revoked?.form.get('token')).toMatch(/^refresh-/);
    const form = { grant_type: 'refresh_token', refresh_token: revoked?.form.get('token') ?? '' };
    const { id, secret } = cognito.client;
    const answer = await agent.post(`${cognito.domain}/oauth2/token`, {
      ...form,
      client_id: id,
      client_secret: secret,
    });
    expect(answer.json()).toEqual({ error: 'invalid_grant' });
  });

  it('9: makes cognito:groups a header and a rule, and other names with a colon headers', async () => {
    const { headers } = (await signIn(agent, site.url)).json<Echo>();
    expect(headers['x-groups']).toBe('admins,eu-west-1_AbC_Google');
    expect(headers['x-admin']).toBe('yes');
    expect(headers['x-username']).toBe('alice');
    expect(headers['x-department']).toBe('Tea');
  });

  it.todo('10: an access token without aud is accepted in bearer mode only — there is no bearer mode yet');

  it('11: reports an invalid_grant without a description, and does not sign in', async () => {
    const form = await agent.navigate(site.url);
    const posted = await agent.post(form.url, { login: 'alice', password: 'wonderland' });
    const callback = new URL(String(posted.headers.location));
    const { id, secret } = cognito.client;
    await agent.post(`${cognito.domain}/oauth2/token`, {
      grant_type: 'authorization_code',
      code: callback.searchParams.get('code') ?? '',
      client_id: id,
      client_secret: secret,
    });
    site.nginx.expectLog(/token_request_failed/);
    expect((await agent.get(callback.href)).status).toBe(502);
    expect(site.nginx.errorLog()).toMatch(
      /token_request_failed ref=\w+ the token endpoint answered 400 invalid_grant: /,
    );
    expect((await agent.get(site.url)).status).toBe(302);
  });

  it.each([true, false])('12: renews with the nonce in the ID token: %s', async (nonceAtRefresh) => {
    cognito.does.nonceAtRefresh = nonceAtRefresh;
    await signInAndOutliveTokens();
    expect((await agent.get(site.url)).status).toBe(200);
    expect(cognito.grants('refresh_token')).toHaveLength(1);
  });

  it('shows what a Lambda trigger refused with', async () => {
    cognito.does.refuse = { error: 'server_error', description: 'PreTokenGeneration failed with error <b>no</b>.' };
    const page = await agent.navigate(site.url);
    expect(page.status).toBe(403);
    expect(page.text).toContain('PreTokenGeneration failed with error &lt;b&gt;no&lt;/b&gt;.');
  });
});
