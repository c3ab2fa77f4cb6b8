import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GenericContainer, type StartedTestContainer } from 'testcontainers';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createAgent, signIn } from '../support/agent';
import { createCertificates } from '../support/certificates';
import { freePorts } from '../support/free-port';
import {
  type PrivateNetwork,
  SiteContainer,
  siteEnvironment,
  startApplicationPart,
  startNetwork,
  startPart,
} from './parts';

describe.each(inject('siteImages'))('TLS on both sides with a private authority, $base', (image) => {
  const { folder, authority } = createCertificates(['site.test', 'provider.test']);
  let on: PrivateNetwork;
  let port: number;
  let issuer: string;

  beforeAll(async () => {
    const [sitePort = 0, providerPort = 0] = await freePorts(2);
    port = sitePort;
    issuer = `https://provider.test:${providerPort}`;
    on = await startNetwork();
    await startApplicationPart(on);
    const environment = { PORT: '9010', ISSUER: issuer, SITE: `https://site.test:${port}` };
    await startPart(on, 'provider', 'idp.test', environment);
    await startTlsFront(providerPort);
    mkdirSync(join(folder, 'site.d'));
    writeFileSync(
      join(folder, 'site.d/tls.conf'),
      'ssl_certificate /certificates/site.test.pem; ssl_certificate_key /certificates/site.test.key;',
    );
  });
  afterAll(async () => {
    await on.stop();
    rmSync(folder, { recursive: true });
  });

  it('a person signs in, with cookies that TLS only carries', async () => {
    await startSite(port, [{ source: join(folder, 'authority.pem'), target: '/etc/ssl/certs/ca-certificates.crt' }]);
    const agent = createAgent({}, { authority, looseSecure: false });
    const page = await signIn(agent, `https://site.test:${port}/reports/2026`);
    expect(page.status).toBe(200);
    const cookies = page.trail.flatMap(({ url, setCookies }) => (url.includes('site.test') ? setCookies : []));
    expect(cookies.length).toBeGreaterThan(0);
    expect(cookies.filter((cookie) => !/;\s*secure/i.test(cookie))).toEqual([]);
    await agent.close();
  });

  it('a provider that the authorities do not vouch for is refused', async () => {
    const [other = 0] = await freePorts(1);
    const site = await startSite(other, []);
    const agent = createAgent({}, { authority });
    const page = await agent.get(`https://site.test:${other}/`);
    expect(page.status).toBe(502);
    expect(await logOf(site)).toMatch(/certificate verify (failed|error)/i);
    await agent.close();
  });

  function startSite(on_: number, mounts: { source: string; target: string }[]): Promise<StartedTestContainer> {
    const environment = { ...siteEnvironment(image, issuer, on_), OIDC_LISTEN: `${on_} ssl` };
    return new SiteContainer(on, image.image, environment, [on_])
      .withBindMounts([
        { source: folder, target: '/certificates', mode: 'ro' },
        { source: join(folder, 'site.d'), target: '/etc/nginx/site.d', mode: 'ro' },
        ...mounts,
      ])
      .startOn(on);
  }

  async function startTlsFront(listen: number): Promise<void> {
    const conf = `events {} http { server { listen ${listen} ssl;
      ssl_certificate /certificates/provider.test.pem; ssl_certificate_key /certificates/provider.test.key;
      location / { proxy_pass http://idp.test:9010; proxy_set_header Host $http_host;
                   proxy_set_header X-Forwarded-Proto https; } } }`;
    const front = await new GenericContainer(image.base)
      .withNetwork(on.network)
      .withNetworkAliases('provider.test')
      .withBindMounts([{ source: folder, target: '/certificates', mode: 'ro' }])
      .withCopyContentToContainer([{ content: conf, target: '/etc/nginx/nginx.conf' }])
      .withExposedPorts({ container: listen, host: listen })
      .start();
    on.started.push(front);
  }
});

async function logOf(container: StartedTestContainer): Promise<string> {
  const stream = await container.logs();
  let text = '';
  stream.on('data', (chunk) => {
    text += chunk;
  });
  await new Promise((resolve) => setTimeout(resolve, 500));
  stream.destroy();
  return text;
}
