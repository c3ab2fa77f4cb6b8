import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Finding } from '../../src/check/finding';
import { type Agent, createAgent } from '../support/agent';
import { type EchoApplication, startEchoApplication } from '../support/echo-application';
import { type MisbehavingProvider, startMisbehavingProvider } from '../support/misbehaving-provider';
import { onEachTarget, useNginx } from '../support/nginx';
import { type Site, startSite } from '../support/site';

const groups = (count: number) =>
  Array.from({ length: count }, (_, n) => `department-${String(n).padStart(5, '0')}-readers`);

const withCheck = (conf: string) =>
  `${conf}\nlocation = /_oidc_check { auth_request off; js_import oidc_operator from conf.d/openid_connect_operator.js; js_content oidc_operator.checkConfiguration; }`;

onEachTarget('a person in many groups', (nginx) => {
  useNginx();
  let provider: MisbehavingProvider;
  let application: EchoApplication;
  let site: Site;
  let roomy: Site;
  let agent: Agent;

  beforeAll(async () => {
    provider = await startMisbehavingProvider();
    application = await startEchoApplication();
    const parts = { nginx, issuer: provider.issuer, application: application.address, editServer: withCheck };
    site = await startSite(parts);
    const alsoSet = { oidc_claim_max_length: '65536', oidc_renew_before: '3600' };
    roomy = await startSite({ ...parts, changes: { alsoSet } });
  });
  afterAll(async () => {
    await provider.stop();
    await application.stop();
  });
  beforeEach(() => {
    provider.reset();
    application.requests.length = 0;
    agent = createAgent();
    return () => agent.close();
  });

  const inGroups = (list: unknown) => {
    provider.does.user = { ...provider.does.user, groups: list };
  };
  const groupsAt = async (at: Site) => {
    const page = await agent.navigate(`${at.url}/`);
    expect(page.status).toBe(200);
    return application.requests.at(-1)?.headers['x-groups'] ?? '';
  };
  const claimsInCheck = async (at: Site) => {
    const { findings } = (await agent.get(`${at.url}/_oidc_check?format=json`)).json<{ findings: Finding[] }>();
    return findings.filter(({ about }) => about === 'claims');
  };
  const warnings = (at: Site) => at.nginx.errorLog().match(/\[warn\].*oidc: claim_left_out ref=.*/g) ?? [];

  it('has each of 320 in the header', async () => {
    inGroups(groups(320));
    expect(await groupsAt(site)).toBe(groups(320).join(','));
    expect(warnings(site)).toEqual([]);
    expect((await claimsInCheck(site))[0]).toMatchObject({ state: 'ok', value: expect.stringContaining('8000 bytes') });
  });

  it('has none of 321 in a header that holds 320: one warning names claim, size and remedy, as /_oidc_check does', async () => {
    const list = groups(321);
    inGroups(list);
    expect(await groupsAt(site)).toBe('');
    const size = `takes ${list.join(',').length} bytes, more than $oidc_claim_max_length (8000)`;
    expect(warnings(site)).toHaveLength(1);
    expect(warnings(site)[0]).toContain(`the claim "groups" ${size}: $oidc_claim_groups is empty; ask the provider`);
    expect(await claimsInCheck(site)).toMatchObject([
      { state: 'warning', value: expect.stringContaining(`"groups" ${size}`), remedy: expect.stringContaining('less') },
    ]);
  });

  it.each([
    ['control characters', ['staff', 'ad\nmins'], 'has control characters'],
    ['numbers that JSON.parse rounds', [1, 2 ** 63], 'is a number of more than 15 digits'],
    ['characters lost on the way', ['staff', 'Zo\ufffd'], 'has characters that are not UTF-8'],
    ['a comma in a name', ['staff', 'x,admins'], 'has an entry with "," in it'],
  ])('has none in the header when there are %s', async (_name, list, problem) => {
    inGroups(list);
    expect(await groupsAt(site)).toBe('');
    expect(warnings(site).at(-1)).toContain(problem);
    expect((await claimsInCheck(site))[0]?.value).toContain(problem);
  });

  it('signs in with 2,000, an ID token of 73 KB, has each in the header, is renewed and signs out', async () => {
    inGroups(groups(2000));
    expect(await groupsAt(roomy)).toBe(groups(2000).join(','));
    expect(provider.issued.at(-1)?.idToken?.length).toBeGreaterThan(70_000);
    inGroups(groups(1999));
    provider.does.idTokenLifetime = 4;
    await agent.jar.removeAllCookies();
    expect(await groupsAt(roomy)).toBe(groups(1999).join(','));
    inGroups(groups(1998));
    await new Promise((resolve) => setTimeout(resolve, 4100));
    expect(await groupsAt(roomy)).toBe(groups(1998).join(','));
    expect(provider.grants('refresh_token')).toHaveLength(1);
    const away = await agent.get(`${roomy.url}/logout`);
    const query = Object.fromEntries(new URL(String(away.headers.location)).searchParams);
    expect(query).toEqual({
      client_id: 'test-client',
      post_logout_redirect_uri: `${roomy.url}/_logout`,
      state: expect.any(String),
    });
    expect(roomy.nginx.errorLog()).toMatch(/\[warn\].*oidc: hint_left_out ref=\w+ the sign-out URL .* 8000/);
    expect((await agent.xhr(`${roomy.url}/`)).status).toBe(401);
  });

  it('is refused with an ID token of more than 256 KB, and the log says why', async () => {
    inGroups(groups(8000));
    const page = await agent.navigate(`${site.url}/`);
    expect(page.status).toBe(403);
    expect(site.nginx.errorLog()).toMatch(/id_token_invalid .* the ID token takes \d{6} bytes, more than 262144/);
  });
});
