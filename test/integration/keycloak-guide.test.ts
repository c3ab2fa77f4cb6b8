import { generateKeyPairSync } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { decodeJwt, decodeProtectedHeader, type JWK } from 'jose';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { type Agent, createAgent } from '../support/agent';
import { createCertificates } from '../support/certificates';
import { type Echo, type EchoApplication, startEchoApplication } from '../support/echo-application';
import { startKeycloak } from '../support/keycloak-provider';
import type { MisbehavingProvider } from '../support/misbehaving-provider';
import { freePort, onEachTarget, useNginx } from '../support/nginx';
import { type Site, startSite } from '../support/site';

const page = readFileSync(new URL('../../docs/providers/keycloak.md', import.meta.url), 'utf8');

/** The `set` lines of the first block behind a text of the page. */
function linesBehind(text: string): Record<string, string> {
  const [, rest = ''] = page.split(text);
  const [, block = ''] = /```nginx[^\n]*\n(.*?)```/s.exec(rest) ?? [];
  const lines = [...block.matchAll(/^set \$(\w+) +(?:"([^"]*)"|(\S+));/gm)];
  return Object.fromEntries(lines.map(([, name, quoted, plain]) => [name, quoted ?? plain]));
}

const usual = linesBehind('## In `frontend.conf`');
const scopes = linesBehind('take `offline_access` out');
const strict = linesBehind('### Pushed requests, signed JWT and DPoP');

onEachTarget('the page on Keycloak', (nginx) => {
  useNginx();
  const certificates = createCertificates(['127.0.0.1']);
  const read = (name: string) => readFileSync(join(certificates.folder, name), 'utf8');
  const tls = { cert: read('127.0.0.1.pem'), key: read('127.0.0.1.key') };
  const keyfile = join(certificates.folder, 'client.pem');
  let keycloak: MisbehavingProvider;
  let application: EchoApplication;
  let site: Site;
  let agent: Agent;

  beforeAll(async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    writeFileSync(keyfile, privateKey.export({ format: 'pem', type: 'pkcs8' }));
    keycloak = await startKeycloak(tls);
    application = await startEchoApplication();
  });
  beforeEach(() => {
    keycloak.reset();
    application.requests.length = 0;
    agent = createAgent({}, { authority: certificates.authority });
  });
  afterEach(async () => {
    await agent.close();
    await site?.stop();
  });
  afterAll(async () => {
    await keycloak.stop();
    await application.stop();
    rmSync(certificates.folder, { recursive: true });
  });

  /** A site with lines of the page; only addresses, the file's path and the key of the site are this machine's. */
  async function start(lines: Record<string, string>): Promise<Site> {
    const port = await freePort();
    const ofThisMachine: Record<string, string> = {
      oidc_issuer: keycloak.issuer,
      oidc_hmac_key: 'a-key-for-tests-only-0123456789abcdef',
      oidc_base_url: `https://127.0.0.1:${port}`,
      oidc_client_keyfile: keyfile,
    };
    const all = Object.entries(lines).map(([name, value]) => [name, ofThisMachine[name] ?? value]);
    const shippedNames = /^oidc_(?:issuer|client|client_secret|hmac_key)$/;
    site = await startSite({
      nginx,
      port,
      tls,
      issuer: keycloak.issuer,
      application: application.address,
      files: { 'authority.pem': certificates.authority },
      editServer: (conf) => conf.replace('/etc/ssl/certs/ca-certificates.crt', 'authority.pem'),
      changes: {
        set: Object.fromEntries(all.filter(([name]) => shippedNames.test(String(name)))),
        alsoSet: {
          ...Object.fromEntries(all.filter(([name]) => !shippedNames.test(String(name)))),
          oidc_insecure_http_provider: '0',
        },
      },
    });
    return site;
  }

  it('names three lines for a client that pushes, signs and proves', () => {
    expect(Object.keys(strict)).toEqual(['oidc_profile', 'oidc_client_keyfile', 'oidc_client_secret']);
    expect(Object.keys(usual)).toEqual(expect.arrayContaining(['oidc_issuer', 'oidc_client', 'oidc_base_url']));
    expect(scopes.oidc_scopes).not.toContain('offline_access');
  });

  it('signs in, renews and signs out with them, at a provider that behaves as Keycloak does', async () => {
    const { url } = await start({ ...usual, ...scopes, ...strict });
    const { keys } = (await agent.get(`${url}/_oidc_jwks`)).json<{ keys: JWK[] }>();
    keycloak.client.keys = keys;
    keycloak.does.expiresIn = 2;
    const first = await agent.navigate(`${url}/reports?year=2026`);
    expect([first.status, first.json<Echo>().headers.username]).toEqual([200, 'alice']);

    const [par] = keycloak.requests('/par');
    expect(decodeProtectedHeader(par?.form.get('client_assertion') ?? '').alg).toBe('ES256');
    expect(par?.form.get('dpop_jkt')).toMatch(/^[\w-]{43}$/);
    expect([...(keycloak.requests('/authorize')[0]?.query.keys() ?? [])].sort()).toEqual(['client_id', 'request_uri']);
    const [token] = keycloak.requests('/token');
    expect(decodeJwt(String(token?.headers.dpop)).htu).toBe(`${keycloak.issuer}/protocol/openid-connect/token`);

    await sleep(2100);
    expect((await agent.xhr(`${url}/`)).status).toBe(200);
    expect(keycloak.issued.map(({ grant }) => grant)).toEqual(['authorization_code', 'refresh_token']);

    const leaving = new URL(String((await agent.get(`${url}/logout`)).headers.location));
    expect(leaving.origin + leaving.pathname).toBe(`${keycloak.issuer}/protocol/openid-connect/logout`);
    expect(leaving.searchParams.get('post_logout_redirect_uri')).toBe(`${url}/_logout`);
    expect(leaving.searchParams.has('id_token_hint')).toBe(true);
    expect((await agent.xhr(`${url}/`)).status).toBe(401);
    expect(keycloak.failures).toEqual([]);
  });

  it.each<[string, Record<string, string>, RegExp]>([
    ['none of the three', {}, /Pushed Authorization Request is only allowed/],
    [
      'a key, and nothing else',
      { oidc_client_keyfile: keyfile, oidc_client_secret: '' },
      /Pushed Authorization Request is only allowed/,
    ],
    [
      'a key and pushed requests',
      { oidc_client_keyfile: keyfile, oidc_client_secret: '', oidc_par: 'on' },
      /DPoP proof is missing/,
    ],
  ])('needs them there: with %s nobody gets in', async (_, lines, said) => {
    const { url, nginx: process } = await start({ ...usual, ...scopes, ...lines });
    const { keys } = (await agent.get(`${url}/_oidc_jwks`)).json<{ keys: JWK[] }>();
    keycloak.client.keys = keys;
    process.expectLog(/ token_request_failed /);
    const answer = await agent.navigate(`${url}/`);
    expect(answer.status).not.toBe(200);
    expect(answer.text + process.errorLog()).toMatch(said);
    expect(application.requests.filter(({ url: path }) => path === '/')).toEqual([]);
  });
});
