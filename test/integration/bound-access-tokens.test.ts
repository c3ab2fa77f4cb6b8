import { createHash, X509Certificate } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fapi2 } from '../conformance/fapi2';
import { useScene } from '../security/site';
import { createCertificates } from '../support/certificates';
import { type DpopClient, dpopClient } from '../support/dpop-client';
import { freePort, onEachTarget } from '../support/nginx';
import { tlsScene } from '../support/tls-scene';

const api = (more = '') => `
    location /api/ {
        auth_request /_oidc_bearer;
        error_page 401 = @do_oidc_flow;
        proxy_set_header username $jwt_claim_sub;
        proxy_pass http://my_backend;
    }
    location /dpop/ {
        set $oidc_bearer_bound dpop;
        auth_request /_oidc_bearer;
        error_page 401 = @do_oidc_flow;
        proxy_pass http://my_backend;
    }
    location /mtls/ {
        set $oidc_bearer_bound mtls;
        auth_request /_oidc_bearer;
        error_page 401 = @do_oidc_flow;
        proxy_pass http://my_backend;
    }
    location /any/ {
        set $oidc_bearer_bound any;
        auth_request /_oidc_either;
        error_page 401 = @do_oidc_flow;
        proxy_pass http://my_backend;
    }
    location /wrong/ {
        set $oidc_bearer_bound yes;
        auth_request /_oidc_bearer;
        error_page 401 = @do_oidc_flow;
        proxy_pass http://my_backend;
    }
    location /either/ {
        auth_request /_oidc_either;
        error_page 401 = @do_oidc_flow;
        proxy_pass http://my_backend;
    }${more}
    location / {`;

onEachTarget('access tokens that are bound to a key', (nginx) => {
  const certificates = createCertificates(['127.0.0.1', 'program', 'thief']);
  afterAll(() => rmSync(certificates.folder, { recursive: true }));
  const read = (name: string) => readFileSync(join(certificates.folder, name), 'utf8');
  let client: DpopClient;
  let tlsPort = 0;
  let noncePort = 0;
  beforeAll(async () => {
    client = await dpopClient();
    tlsPort = await freePort();
    noncePort = await freePort();
  });
  const scene = useScene(nginx, (issuer) => ({
    workers: 3,
    changes: { alsoSet: { oidc_bearer_audience: 'api' } },
    editFrontend: (conf) =>
      conf.replace(/\n {4}location \/ \{/, api()).replace(
        /(\n {4}listen 127[^;]*;)/,
        `$1 listen 127.0.0.1:${tlsPort} ssl; listen 127.0.0.1:${noncePort};
          ssl_certificate keys/127.0.0.1.pem; ssl_certificate_key keys/127.0.0.1.key; ssl_verify_client optional_no_ca;
          if ($server_port = ${noncePort}) { set $oidc_bearer_dpop_nonce 1; }`,
      ),
    files: { 'keys/127.0.0.1.pem': read('127.0.0.1.pem'), 'keys/127.0.0.1.key': read('127.0.0.1.key') },
    issuer,
  }));

  const bound = () => scene.provider.accessToken({ cnf: { jkt: client.jkt } });
  const call = async (
    token: string,
    { path = '/api/x', scheme = 'DPoP', proof = '', method = 'GET', base = scene.site.url } = {},
  ) => {
    const answer = await scene.agent.xhr(base + path, {
      method,
      headers: { authorization: `${scheme} ${token}`, ...(proof === '' ? {} : { dpop: proof }) },
    });
    return { status: answer.status, challenge: String(answer.headers['www-authenticate'] ?? ''), answer };
  };
  const proofFor = (token: string, path = '/api/x', method = 'GET') =>
    client.proof({ method, url: scene.site.url + path, token });

  it('pass with a proof for each request, by any spelling of the scheme', async () => {
    const token = await bound();
    for (const scheme of ['DPoP', 'dpop', 'DPOP']) {
      const { status, answer } = await call(token, { scheme, proof: await proofFor(token) });
      expect([scheme, status]).toEqual([scheme, 200]);
      expect(scene.echo(answer).headers.username).toBe('alice');
    }
    const path = '/api/y?page=2';
    const post = await call(token, { path, method: 'POST', proof: await proofFor(token, '/api/y', 'POST') });
    expect(post.status).toBe(200);
    expect((await call(token, { path: '/either/', proof: await proofFor(token, '/either/') })).status).toBe(200);
  });

  it('are no use without the key: as Bearer, without a proof, with that of another key', async () => {
    const token = await bound();
    expect((await call(token, { proof: await proofFor(token) })).status).toBe(200); // and it is not kept
    const thief = await dpopClient();
    const attempts = {
      'as Bearer': { scheme: 'Bearer' },
      'as Bearer with a proof': { scheme: 'Bearer', proof: await proofFor(token) },
      'without a proof': {},
      'with a proof by another key': { proof: await thief.proof({ url: `${scene.site.url}/api/x`, token }) },
      'with a proof for another token': { proof: await proofFor('another') },
      'with a proof for another method': { proof: await proofFor(token, '/api/x', 'DELETE') },
      'with a proof for another path': { proof: await proofFor(token, '/api/z') },
      'with two proofs': { proof: `${await proofFor(token)}, ${await proofFor(token)}` },
      'with a text': { proof: 'x' },
    };
    for (const [name, how] of Object.entries(attempts)) {
      const { status, challenge } = await call(token, how);
      expect([name, status]).toEqual([name, 401]);
      expect(challenge, name).toMatch(/Bearer/.test(name) ? /^Bearer error="invalid_token"/ : /^DPoP error="/);
    }
    const { challenge } = await call(token);
    expect(challenge).toMatch(/^DPoP error="invalid_dpop_proof", .* algs="RS256 .*ES256/);
    expect(challenge).not.toContain('HS256');
  });

  it('are no use with a proof that was used, on any worker', async () => {
    const token = await bound();
    const proof = await proofFor(token);
    const statuses = await Promise.all(Array.from({ length: 12 }, async () => (await call(token, { proof })).status));
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(statuses.filter((status) => status === 401)).toHaveLength(11);
    expect(scene.site.nginx.errorLog()).toContain('it was used before');
    expect(scene.site.nginx.errorLog()).not.toContain(proof);
  });

  it('must be bound to what they came with, and to nothing else', async () => {
    for (const cnf of [undefined, {}, { jkt: 'x' }, { jkt: client.jkt, kid: 'x' }, { jwk: client.jwk }, 'x', null]) {
      const token = await scene.provider.accessToken(cnf === undefined ? {} : { cnf: cnf ?? [] });
      expect([cnf, (await call(token, { proof: await proofFor(token) })).status]).toEqual([cnf, 401]);
    }
    const plain = await scene.provider.accessToken();
    expect((await call(plain, { scheme: 'Bearer' })).status).toBe(200);
  });

  describe('where $oidc_bearer_bound asks for them', () => {
    it.each([
      ['dpop', /^DPoP algs="RS256 .*"$/, /^DPoP error="invalid_token", .* algs="RS256 .*"$/],
      ['mtls', /^Bearer$/, /^Bearer error="invalid_token", error_description="[^"]*"$/],
      ['any', /^Bearer, DPoP algs="RS256 .*"$/, /^Bearer error="invalid_token", .*, DPoP algs="RS256 .*"$/],
    ])(
      '%s: a plain token is refused, also one that passed elsewhere, and told in which ways to come',
      async (name, asked, told) => {
        const plain = await scene.provider.accessToken();
        for (let i = 0; i < 2; i++) expect((await call(plain, { scheme: 'Bearer' })).status).toBe(200);
        const { status, challenge } = await call(plain, { path: `/${name}/`, scheme: 'Bearer' });
        expect([status, challenge]).toEqual([401, expect.stringMatching(told)]);
        const without = await scene.agent.xhr(`${scene.site.url}/${name}/`);
        expect([without.status, without.headers['www-authenticate']]).toEqual([401, expect.stringMatching(asked)]);
        expect(scene.site.nginx.errorLog()).toContain('which $oidc_bearer_bound or $oidc_profile asks for');
      },
    );

    it('one that is bound in the way asked for passes, and in the other does not', async () => {
      const token = await bound();
      for (const [path, status] of Object.entries({ '/dpop/': 200, '/any/': 200, '/mtls/': 401 })) {
        expect([path, (await call(token, { path, proof: await proofFor(token, path) })).status]).toEqual([
          path,
          status,
        ]);
      }
      const der = new X509Certificate(read('program.pem')).raw;
      const thumbprint = createHash('sha256').update(der).digest('base64url');
      const byCertificate = await scene.provider.accessToken({ cnf: { 'x5t#S256': thumbprint } });
      expect(await byTls(byCertificate, 'program', '/mtls/')).toBe(200);
      expect(await byTls(byCertificate, 'program', '/any/')).toBe(200);
      expect(await byTls(byCertificate, 'program', '/dpop/')).toBe(401);
    });

    it('a session passes without, where the location takes one', async () => {
      await scene.signedIn();
      expect((await scene.agent.xhr(`${scene.site.url}/any/`)).status).toBe(200);
    });

    it('in a word that there is not, nothing passes', async () => {
      const token = await bound();
      const { status } = await call(token, { path: '/wrong/', proof: await proofFor(token, '/wrong/') });
      expect(status).toBe(500);
      scene.site.nginx.expectLog(/config_invalid .*\$oidc_bearer_bound must be one of: off, any, dpop, mtls/);
      expect(scene.site.nginx.errorLog()).toMatch(/\$oidc_bearer_bound must be one of/);
    });
  });

  it('need a nonce of the site where it asks for one', async () => {
    const token = await bound();
    const base = `http://127.0.0.1:${noncePort}`;
    const first = await call(token, { base, proof: await client.proof({ url: `${base}/api/x`, token }) });
    expect(first.status).toBe(401);
    expect(first.challenge).toMatch(/^DPoP error="use_dpop_nonce"/);
    const nonce = String(first.answer.headers['dpop-nonce']);
    expect(nonce).toMatch(/^[\w-]{22}$/);
    const proof = await client.proof({ url: `${base}/api/x`, token }, { nonce });
    expect((await call(token, { base, proof })).status).toBe(200);
    const stale = await client.proof({ url: `${base}/api/x`, token }, { nonce: 'x'.repeat(22) });
    expect((await call(token, { base, proof: stale })).status).toBe(401);
  });

  /** By TLS, with the certificate of `name`, if any. */
  const byTls = (token: string, name?: string, path = '/api/x') =>
    new Promise<number>((resolve, reject) => {
      const own = name === undefined ? {} : { cert: read(`${name}.pem`), key: read(`${name}.key`) };
      const options = { port: tlsPort, host: '127.0.0.1', path, rejectUnauthorized: false, agent: false };
      request({ ...options, ...own, headers: { authorization: `Bearer ${token}` } }, (answer) => {
        answer.resume();
        resolve(answer.statusCode ?? 0);
      })
        .on('error', reject)
        .end();
    });

  it('pass with the certificate that they are bound to (RFC 8705), and with no other', async () => {
    const der = new X509Certificate(read('program.pem')).raw;
    const thumbprint = createHash('sha256').update(der).digest('base64url');
    const token = await scene.provider.accessToken({ cnf: { 'x5t#S256': thumbprint } });
    expect(await byTls(token, 'program')).toBe(200);
    expect(await byTls(token, 'program')).toBe(200);
    expect(await byTls(token, 'thief')).toBe(401);
    expect(await byTls(token)).toBe(401);
    expect((await call(token, { scheme: 'Bearer' })).status).toBe(401);
    const both = await scene.provider.accessToken({ cnf: { 'x5t#S256': thumbprint, jkt: client.jkt } });
    expect(await byTls(both, 'program')).toBe(401);
  });
});

onEachTarget('access tokens under $oidc_profile fapi2', (nginx) => {
  const { options } = fapi2('fapi2', 'private_key_jwt', 'dpop');
  const scene = useScene(nginx, {
    ...options,
    changes: { ...options.changes, alsoSet: { ...options.changes?.alsoSet, oidc_bearer_audience: 'api' } },
    editFrontend: (conf) => conf.replace(/\n {4}location \/ \{/, api()),
  });

  it('must be bound without a setting', async () => {
    const client = await dpopClient('PS256');
    const send = async (token: string, scheme: string) => {
      const proof = await client.proof({ url: `${scene.site.url}/api/x`, token });
      const headers = { authorization: `${scheme} ${token}`, ...(scheme === 'DPoP' ? { dpop: proof } : {}) };
      return scene.agent.xhr(`${scene.site.url}/api/x`, { headers });
    };
    const plain = await send(await scene.provider.accessToken(), 'Bearer');
    expect([plain.status, plain.headers['www-authenticate']]).toEqual([
      401,
      expect.stringMatching(/^Bearer error="invalid_token", .*, DPoP algs="/),
    ]);
    const bound = await scene.provider.accessToken({ cnf: { jkt: client.jkt } });
    expect((await send(bound, 'DPoP')).status).toBe(200);
  });
});

onEachTarget('opaque access tokens, where this client has a certificate', (nginx) => {
  const tls = tlsScene({ showsCertificate: true });
  const alsoSet = {
    ...tls.options.changes?.alsoSet,
    oidc_client_auth_method: 'tls_client_auth',
    oidc_bearer_audience: 'api',
    oidc_introspection: 'opaque',
  };
  const scene = useScene(nginx, {
    ...tls.options,
    provider: { ...tls.options.provider, does: { clientAuthentication: ['tls_client_auth'] } },
    changes: { set: { oidc_client_secret: '' }, alsoSet },
    editFrontend: (conf) => conf.replace(/\n {4}location \/ \{/, api()),
  });

  it('are asked about with it, at the address that is for it (RFC 8705 section 5)', async () => {
    scene.provider.client.certificate = tls.fingerprint;
    const headers = { authorization: `Bearer ${scene.provider.opaqueToken()}` };
    expect((await scene.agent.xhr(`${scene.site.url}/api/x`, { headers })).status).toBe(200);
    const asked = scene.provider.requests().filter(({ endpoint }) => endpoint.endsWith('/introspect'));
    expect(asked.map(({ endpoint, certificate }) => [endpoint, certificate])).toEqual([
      ['/mtls/introspect', tls.fingerprint],
    ]);
  });
});
