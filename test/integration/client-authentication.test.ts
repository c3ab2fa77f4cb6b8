import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { Finding } from '../../src/check/finding';
import { createAgent } from '../support/agent';
import { type EchoApplication, startEchoApplication } from '../support/echo-application';
import { type MisbehavingProvider, startMisbehavingProvider } from '../support/misbehaving-provider';
import { onEachTarget, useNginx } from '../support/nginx';
import { type Site, startSite } from '../support/site';

const client = { id: 'test-client', secret: 'a secret with + and : and % of 40 letters' };

onEachTarget('client authentication', (nginx) => {
  useNginx();
  let provider: MisbehavingProvider;
  let application: EchoApplication;
  let site: Site | undefined;

  beforeAll(async () => {
    provider = await startMisbehavingProvider({ client });
    application = await startEchoApplication();
  });
  afterEach(async () => {
    await site?.stop();
    provider.reset();
  });
  afterAll(async () => {
    await provider.stop();
    await application.stop();
  });

  async function signIn(alsoSet: Record<string, string> = {}) {
    site = await startSite({
      nginx,
      issuer: provider.issuer,
      application: application.address,
      changes: { set: { oidc_client_secret: client.secret }, alsoSet },
      editServer: (conf) =>
        `${conf}\nlocation = /_oidc_check { auth_request off; js_import oidc_operator from conf.d/openid_connect_operator.js; js_content oidc_operator.checkConfiguration; }`,
    });
    const agent = createAgent();
    const { status } = await agent.navigate(`${site.url}/`);
    const report = (await agent.get(`${site.url}/_oidc_check?format=json`)).json<{ findings: Finding[] }>();
    await agent.close();
    const check = report.findings.find(({ about }) => about === 'client authentication');
    return { status, check, nginx: site.nginx };
  }

  function expectLine(process: Site['nginx'], line: RegExp): void {
    process.expectLog(line);
    expect(process.errorLog()).toMatch(line);
  }

  it.each(['form', 'raw'] as const)(
    'with marks in the secret holds at a provider that takes basic (%s) and post',
    async (basicEncoding) => {
      provider.does.basicEncoding = basicEncoding;
      const { status, check } = await signIn();
      expect(status).toBe(200);
      expect(provider.requests('/token')[0]?.headers.authorization).toBeUndefined();
      expect(check).toMatchObject({ state: 'ok', value: 'client_secret_post' });
    },
  );

  it('with marks in the secret holds by basic where only that is offered, as the standard says', async () => {
    provider.does.clientAuthentication = ['client_secret_basic'];
    expect((await signIn()).status).toBe(200);
  });

  it('with marks in the secret can be told to go unencoded to a provider that takes it only so', async () => {
    provider.does.clientAuthentication = ['client_secret_basic'];
    provider.does.basicEncoding = 'raw';
    const refused = await signIn();
    expect(refused.status).toBe(502);
    expectLine(refused.nginx, /token_request_failed .* 401 invalid_client.*client_secret_basic_unencoded/);
    await site?.stop();
    expect((await signIn({ oidc_client_auth_method: 'client_secret_basic_unencoded' })).status).toBe(200);
  });

  it('that the provider does not offer is not guessed: log and check say what does not fit', async () => {
    const offered = ['tls_client_auth', 'private_key_jwt'];
    provider.does.metadata = (document) => ({ ...document, token_endpoint_auth_methods_supported: offered });
    const { status, check, nginx: process } = await signIn();
    expect(status).toBe(500);
    expectLine(process, /config_invalid .* offers tls_client_auth, private_key_jwt/);
    expect(provider.requests('/token')).toHaveLength(0);
    expect(check).toMatchObject({ state: 'problem', value: expect.stringContaining('offers tls_client_auth') });
    await site?.stop();
    expect((await signIn({ oidc_client_auth_method: 'client_secret_post' })).status).toBe(200);
  });

  it('that is refused with 403 unauthorized_client says what to check', async () => {
    provider.respond('/token', { status: 403, body: '{"error":"unauthorized_client"}' });
    const { status, nginx: process } = await signIn();
    expect(status).toBe(502);
    expectLine(process, /403 unauthorized_client: check \$oidc_client, \$oidc_client_secret/);
  });
});
