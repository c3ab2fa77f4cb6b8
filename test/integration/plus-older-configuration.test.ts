import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { describeNginx } from '../../scripts/nginx/target';
import { type Agent, createAgent } from '../support/agent';
import { type CognitoProvider, startCognito } from '../support/cognito-provider';
import { type EchoApplication, startEchoApplication } from '../support/echo-application';
import { useNginx } from '../support/nginx';
import { startKeptSite } from '../support/plus/kept-site';

const able = inject('nginxTargets').filter(({ engine, target }) => engine === 'qjs' || target === 'P');

/** What R29 to R31 had not yet, and their /_token and /_refresh, which write the body of the request themselves. */
const asBefore = (pkce: 0 | 1) => (conf: string) =>
  conf
    .replace(/^map \$host \$oidc_(?:client_auth_method|log_format|debug|end_session_endpoint) .*\n/gm, '')
    .replace(/^.*(?:oidc_sids|\$idp_sid).*\n/gm, '')
    .replace('$oidc_pkce_enable          { default 0; }', `$oidc_pkce_enable { default ${pkce}; }`)
    .replace(/location = \/_token \{[^}]*\}/, () => {
      const body =
        'grant_type=authorization_code&client_id=$oidc_client&$args&redirect_uri=$redirect_base$redir_location';
      return tokenLocation('/_token', body);
    })
    .replace(/location = \/_refresh \{[^}]*\}/, () => {
      const body =
        'grant_type=refresh_token&refresh_token=$arg_token&client_id=$oidc_client&client_secret=$oidc_client_secret';
      return tokenLocation('/_refresh', body);
    });

const tokenLocation = (path: string, body: string) => `location = ${path} {
    internal;
    proxy_set_header Content-Type "application/x-www-form-urlencoded";
    proxy_set_body "${body}";
    proxy_method POST;
    proxy_pass $oidc_token_endpoint;
}`;

describe.each(able.flatMap((nginx) => ([0, 1] as const).map((pkce) => [describeNginx(nginx), pkce, nginx] as const)))(
  '[%s] files of R29 to R31, PKCE %s, with our openid_connect.js',
  (_title, pkce, nginx) => {
    useNginx();
    let cognito: CognitoProvider;
    let application: EchoApplication;
    let agent: Agent;
    let url: string;

    beforeAll(async () => {
      cognito = await startCognito();
      application = await startEchoApplication();
      ({ url } = await startKeptSite({ nginx, cognito, application: application.address, edit: asBefore(pkce) }));
      cognito.allow(`${url}/_codexch`, `${url}/_logout`);
    });
    beforeEach(() => {
      agent = createAgent();
    });
    afterEach(() => agent.close());
    afterAll(() => Promise.all([cognito.stop(), application.stop()]));

    it('signs in and renews', async () => {
      const form = await agent.navigate(`${url}/reports?a=b`);
      const posted = await agent.post(form.url, { login: 'alice', password: 'wonderland' });
      const page = await agent.navigate(String(posted.headers.location));
      expect([page.status, page.url]).toEqual([200, `${url}/reports?a=b`]);
      const [grant] = cognito.grants('authorization_code');
      expect([...(grant?.form.keys() ?? [])].sort()).toEqual(
        ['client_id', 'client_secret', 'code', ...(pkce ? ['code_verifier'] : []), 'grant_type', 'redirect_uri'].sort(),
      );
      await fetch(`${url}/api/9/http/keyvals/oidc_id_tokens`, { method: 'DELETE' });
      cognito.does.nonceAtRefresh = false; // there is no zone to remember the first ID token in
      expect((await agent.navigate(`${url}/`)).status).toBe(200);
      expect(cognito.grants('refresh_token')).toHaveLength(1);
    });
  },
);
