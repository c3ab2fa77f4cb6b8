import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, expect, it } from 'vitest';
import { logoutClaims } from '../support/logout-claims';
import { onEachTarget } from '../support/nginx';
import { cookieOf, useScene } from './site';

// A provider with many tenants, as Microsoft Entra ID publishes itself: one issuer with a placeholder in the metadata, and
// the issuers of keys in the JWK set.

const ours = '11111111-2222-3333-4444-555555555555';
const partner = '66666666-7777-8888-9999-000000000000';
const stranger = 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee';
const consumers = '9188040d-6c67-4c5b-b112-36a304b66dad';

onEachTarget('a provider with many tenants', (nginx) => {
  const scene = useScene(nginx, (base) => ({
    issuer: `${base}/organizations/v2.0`,
    changes: {
      alsoSet: {
        oidc_tenants: `${ours} ${partner.toUpperCase()} ${consumers}`,
        oidc_bearer_audience: 'api',
        oidc_introspection: 'opaque',
      },
      proxyHeaders: { 'X-Tenant': '$oidc_claim_tid' },
    },
    editFrontend: (conf) => `auth_request_set $oidc_claim_tid $sent_http_oidc_claim_tid;\n${conf}`,
    editServer: (conf) => `${conf}
      location /api/ {
          auth_request /_oidc_bearer; error_page 401 = @do_oidc_flow;
          proxy_set_header X-Tenant $oidc_claim_tid; proxy_pass http://my_backend;
      }
      location /partner/ {
          set $oidc_tenants ${partner};
          auth_request /_oidc_bearer; error_page 401 = @do_oidc_flow; proxy_pass http://my_backend;
      }\n`,
  }));
  const issuerOf = (tenant: string) => `${scene.provider.issuer}/${tenant}/v2.0`;
  /** Whose account it is: what the ID tokens say from now on. */
  const says = (claims: Record<string, unknown>) => {
    scene.provider.does.idToken = (proper) => ({ ...proper, ver: '2.0', ...claims });
  };
  const isOf = (tenant: string) => says({ iss: issuerOf(tenant), tid: tenant });
  const signIn = () => scene.browser().navigate(`${scene.site.url}/`);

  beforeEach(() => {
    const { does } = scene.provider;
    does.publishedKeys = [1, 2, 3];
    does.signingKeyNumber = 1;
    does.metadata = (document) => ({
      ...document,
      issuer: issuerOf('{tenantid}'),
      authorization_response_iss_parameter_supported: undefined,
    });
    // one for all tenants, one of a single tenant, one of which nothing is said
    const issuers = [issuerOf('{tenantid}'), issuerOf(consumers), undefined, issuerOf('{tenantid}')];
    does.jwks = ({ keys }) => ({ keys: keys.map((key, index) => ({ ...key, issuer: issuers[index] })) });
    does.authorization = (parameters) => {
      parameters.delete('iss');
      return parameters;
    };
    isOf(ours);
  });

  it('a key that is changed is found also among those of many tenants', async () => {
    expect((await signIn()).status).toBe(200);
    scene.provider.rotateKeys({ keepOld: true });
    expect((await signIn()).status).toBe(200);
  });

  it('A20 an access token that one location took is held against the tenants of another anew', async () => {
    const ask = async (path: string, tenant: string) => {
      const token = await scene.provider.accessToken({ iss: issuerOf(tenant), tid: tenant, jti: tenant });
      const headers = { authorization: `Bearer ${token}` };
      return (await scene.browser().xhr(scene.site.url + path, { headers })).status;
    };
    for (const _ of ['verified', 'kept']) {
      expect([await ask('/api/x', ours), await ask('/partner/x', ours)]).toEqual([200, 401]);
      expect([await ask('/api/x', partner), await ask('/partner/x', partner)]).toEqual([200, 200]);
    }
  });

  it('people of each tenant of the list sign in, are told apart, and are renewed', async () => {
    for (const tenant of [ours, partner]) {
      isOf(tenant);
      scene.provider.does.expiresIn = 1;
      const agent = scene.browser();
      const page = await agent.navigate(`${scene.site.url}/`);
      expect([page.status, scene.echo(page).headers['x-tenant']]).toEqual([200, tenant]);
      await sleep(1100);
      expect((await agent.xhr(`${scene.site.url}/`)).status).toBe(200);
    }
    expect(scene.provider.grants('refresh_token').length).toBeGreaterThan(0);
  });

  it.each<[string, () => Record<string, unknown>, string]>([
    ['of a tenant that is not on the list', () => ({ iss: issuerOf(stranger), tid: stranger }), 'tenant_not_allowed'],
    ['without a tenant', () => ({ iss: issuerOf(ours) }), 'tenant_not_allowed'],
    ['with a list of tenants', () => ({ iss: issuerOf(ours), tid: [ours] }), 'tenant_not_allowed'],
    [
      'with the beginning of a tenant',
      () => ({ iss: issuerOf(ours.slice(0, 8)), tid: ours.slice(0, 8) }),
      'tenant_not_allowed',
    ],
    ['of all organizations', () => ({ iss: issuerOf('organizations'), tid: 'organizations' }), 'tenant_not_allowed'],
  ])('an account %s does not get in, and the page says why', async (_name, claims, code) => {
    says(claims());
    scene.provider.does.signingKeyNumber = 3; // so that no key stands in the way
    const page = await signIn();
    expect([page.status, page.text.includes('organization')]).toEqual([403, true]);
    expect(scene.site.nginx.errorLog()).toContain(`oidc: ${code} `);
  });

  it.each<[string, () => Record<string, unknown>]>([
    ['another tenant of the list', () => ({ iss: issuerOf(partner), tid: ours })],
    ['a tenant that is not on the list', () => ({ iss: issuerOf(stranger), tid: ours })],
    ['the placeholder', () => ({ iss: issuerOf('{tenantid}'), tid: ours })],
    ['all organizations', () => ({ iss: issuerOf('organizations'), tid: ours })],
    ['another host', () => ({ iss: `https://evil.test/${ours}/v2.0`, tid: ours })],
    ['a slash more', () => ({ iss: `${issuerOf(ours)}/`, tid: ours })],
  ])('a token whose issuer is that of %s is refused, whatever its tenant says', async (_name, claims) => {
    says(claims());
    for (const key of [1, 3]) {
      scene.provider.does.signingKeyNumber = key;
      expect((await signIn()).status).toBe(403);
    }
  });

  it('a key of one tenant signs for no other', async () => {
    scene.provider.does.signingKeyNumber = 2;
    expect((await signIn()).status).toBe(403);
    isOf(consumers);
    expect((await signIn()).status).toBe(200);
  });

  it('an answer that names its issuer names that of a tenant of the list (RFC 9207)', async () => {
    for (const [tenant, status] of [
      [ours, 200],
      [stranger, 400],
      ['{tenantid}', 400],
    ] as const) {
      scene.provider.does.authorization = (parameters) => {
        parameters.set('iss', issuerOf(tenant));
        return parameters;
      };
      expect([tenant, (await signIn()).status]).toEqual([tenant, status]);
    }
  });

  it('the provider signs people out by the issuer of their tenant', async () => {
    isOf(partner);
    const agent = scene.browser();
    const open = async () => (await agent.xhr(`${scene.site.url}/`)).status;
    await scene.signedIn(agent);
    const sid = scene.provider.issued[0]?.sid;
    const frame = (iss: string) =>
      scene.browser().get(`${scene.site.url}/front_channel_logout?sid=${sid}&iss=${encodeURIComponent(iss)}`);
    expect((await frame(issuerOf(stranger))).status).toBe(400);
    expect((await frame(`${scene.provider.issuer}/organizations/v2.0`)).status).toBe(400);
    expect(await open()).toBe(200);
    expect((await frame(issuerOf(partner))).status).toBe(200);
    expect(await open()).toBe(401);

    await scene.signedIn(agent);
    const call = async (tenant: string) => {
      const about = { iss: issuerOf(tenant), aud: scene.provider.client.id };
      const logout_token = await scene.provider.logoutToken(logoutClaims(about, { sub: 'alice', tid: tenant }));
      return (await scene.browser().post(`${scene.site.url}/back_channel_logout`, { logout_token })).status;
    };
    expect(await call(stranger)).toBe(400);
    expect(await call(ours)).toBe(200); // another person, whose sub is the same
    expect(await open()).toBe(200);
    expect(await call(partner)).toBe(200);
    expect(await open()).toBe(401);
  });

  it('access tokens are held against the same list, by signature and by what the provider says of them', async () => {
    const ask = async (token: string) => {
      const headers = { authorization: `Bearer ${token}` };
      return (await scene.browser().xhr(`${scene.site.url}/api/x`, { headers })).status;
    };
    const of = (iss: string, tid?: string) => ({ iss: issuerOf(iss), aud: 'api', ...(tid ? { tid } : {}) });
    const rows: [ReturnType<typeof of>, number][] = [
      [of(partner, partner), 200],
      [of(stranger, stranger), 401],
      [of(partner, ours), 401],
      [of(stranger, ours), 401],
      [of(ours), 401],
      [of('{tenantid}', '{tenantid}'), 401],
    ];
    for (const [claims, status] of rows) {
      expect([claims, await ask(await scene.provider.accessToken(claims))]).toEqual([claims, status]);
      scene.provider.respond('/introspect', { body: JSON.stringify({ active: true, sub: 'alice', ...claims }) });
      expect([claims, await ask(`opaque-${claims.iss.slice(-50)}-${claims.tid}`.replace(/[^\w-]/g, ''))]).toEqual([
        claims,
        status,
      ]);
    }
    scene.provider.respond('/introspect', { body: JSON.stringify({ active: true, sub: 'alice', aud: 'api' }) });
    expect(await ask('opaque-without-a-tenant')).toBe(401);
    scene.provider.does.signingKeyNumber = 2; // of the consumers' tenant
    expect(await ask(await scene.provider.accessToken(of(ours, ours)))).toBe(401);
    expect(await ask(await scene.provider.accessToken(of(consumers, consumers)))).toBe(200);
  });

  it('A21 people of two tenants with the same sub are two people', async () => {
    const [one, two] = [scene.browser(), scene.browser()];
    await scene.signedIn(one);
    isOf(partner);
    await scene.signedIn(two);
    await one.post(`${scene.site.url}/logout?everywhere=1`, {});
    expect((await two.xhr(`${scene.site.url}/`)).status).toBe(200);
    expect(await cookieOf(one, scene.site.url, 'auth_token')).toBeUndefined();
  });
});
