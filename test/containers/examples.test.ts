import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { GenericContainer, getContainerRuntimeClient } from 'testcontainers';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { stringify } from 'yaml';
import { demoClient } from '../../demo/provider';
import { type Agent, createAgent, signIn } from '../support/agent';
import { createCertificates } from '../support/certificates';
import { composeExample, dockerExample, kubernetesExample } from '../support/container-examples';
import { freePorts } from '../support/free-port';
import { testHmacKey } from '../support/site';
import { composeProject } from './compose';
import { valkeyImage } from './images';
import { type PrivateNetwork, startNetwork, startPart, startProviderPart } from './parts';

const [image] = inject('siteImages').slice(-1);
if (!image) throw new Error('there is no image to test');

// Only names, addresses and secrets are changed, and the provider speaks HTTP.
describe(`the examples of docs/containers.md with ${image.base}`, () => {
  const { client_id, client_secret } = demoClient();
  let on: PrivateNetwork;
  let agent: Agent;
  let folder: string;
  let issuer: string;
  let provider: string;
  let ports: number[];
  const site = (index: number) => `${index === 1 ? 'https' : 'http'}://site.test:${ports[index]}`;
  const { folder: certificates, authority } = createCertificates(['site.test']);

  beforeAll(async () => {
    const [providerPort = 0, ...others] = await freePorts(4);
    ports = others;
    on = await startNetwork();
    const started = await startProviderPart(on, providerPort, [site(0), site(1), site(2)]);
    issuer = started.issuer;
    provider = started.container.getId();
  });
  afterAll(async () => {
    await on.stop();
    rmSync(certificates, { recursive: true });
  });
  beforeEach(() => {
    agent = createAgent({}, { authority });
    folder = mkdtempSync(join(tmpdir(), 'example-'));
    chmodSync(folder, 0o755);
  });
  afterEach(async () => {
    await agent.close();
    rmSync(folder, { recursive: true });
  });

  it('docker alone', async () => {
    const name = basename(folder);
    mkdirSync(join(folder, 'secrets'));
    writeSecrets(join(folder, 'secrets'), { client_secret, hmac_key: testHmacKey });
    const commands = dockerExample().map((line) =>
      [
        [/network create site/, `network create ${name}`],
        [/--network site/, `--network ${name}`],
        [/--name (\w+)/, `--name ${name}-$1`],
        [/UPSTREAM=app:/, `UPSTREAM=${name}-app:`],
        [/-p 8080:8080/, `-p ${ports[0]}:8080 -e OIDC_BASE_URL=${site(0)} -e OIDC_INSECURE_HTTP_PROVIDER=1`],
        [/https:\/\/idp.example.com/, issuer],
        [/my-client-id/, client_id],
        [/my-application/, `-e PORT=8080 ${inject('demoImage')} application`],
        [/openid-connect-site/, image.image],
      ].reduce((text, [pattern, replacement]) => text.replace(pattern as RegExp, replacement as string), line),
    );
    try {
      execFileSync('sh', ['-ec', commands.join('\n')], { cwd: folder, stdio: 'pipe' });
      await joinNetwork(name);
      await expectSignIn(site(0));
    } finally {
      execFileSync('docker', ['rm', '-fv', `${name}-nginx`, `${name}-app`], { stdio: 'ignore' });
      await leaveNetwork(name);
      execFileSync('docker', ['network', 'rm', name], { stdio: 'ignore' });
    }
  });

  it('compose', async () => {
    const example = composeExample();
    const { nginx, app } = example.services;
    writeSecrets(folder, { client_secret, hmac_key: testHmacKey });
    mkdirSync(join(folder, 'tls'));
    writeSecrets(join(folder, 'tls'), {
      'tls.conf': 'ssl_certificate site.d/site.pem; ssl_certificate_key site.d/site.key;',
    });
    for (const kind of ['pem', 'key']) {
      execFileSync('install', [
        '-o101',
        '-m400',
        join(certificates, `site.test.${kind}`),
        join(folder, 'tls', `site.${kind}`),
      ]);
    }
    nginx.image = image.image;
    nginx.ports = nginx.ports.map((port) => port.replace(/^443:/, `${ports[1]}:`));
    Object.assign(nginx.environment, {
      OIDC_ISSUER: issuer,
      OIDC_CLIENT: client_id,
      OIDC_BASE_URL: site(1),
      OIDC_INSECURE_HTTP_PROVIDER: '1',
    });
    Object.assign(app, { image: inject('demoImage'), command: ['application'], environment: { PORT: '8080' } });
    writeFileSync(join(folder, 'docker-compose.yml'), stringify(example));
    const compose = composeProject(folder, ['docker-compose.yml'], {});
    try {
      await compose.run('up', '--detach');
      await joinNetwork(`${basename(folder).toLowerCase()}_default`);
      await expectSignIn(site(1));
      const keeps = 'until [ -s /var/lib/oidc/sessions.json ]; do sleep 0.1; done';
      await compose.run('exec', '-T', 'nginx', 'timeout', '10', 'sh', '-c', keeps);
    } finally {
      await leaveNetwork(`${basename(folder).toLowerCase()}_default`);
      await compose.run('down', '--volumes', '--timeout', '1');
    }
  });

  it('Kubernetes', async () => {
    const { Secret, Deployment } = kubernetesExample();
    const { securityContext, containers, volumes } = Deployment.spec.template.spec;
    const [container] = containers;
    if (!container) throw new Error('the manifest has no container');
    const port = container.ports[0]?.containerPort ?? 0;
    const environment = Object.fromEntries(container.env.map(({ name, value }) => [name, value]));
    const mountOf = (volume: string) => container.volumeMounts.find(({ name }) => name === volume)?.mountPath ?? '';
    const temporary = volumes.filter(({ emptyDir }) => emptyDir).map(({ name }) => [mountOf(name), 'rw,mode=2777']);
    const secret = volumes.find((volume) => volume.secret);

    const values: Record<string, string> = { ...Secret.stringData, client_secret };
    for (const [key, value] of Object.entries(values)) {
      const path = join(folder, key);
      writeFileSync(path, value, { mode: secret?.secret?.defaultMode });
      chownSync(path, 0, securityContext.fsGroup);
    }
    await startPart(on, 'application', 'app', { PORT: '8080' });
    const store = await new GenericContainer(valkeyImage())
      .withNetwork(on.network)
      .withNetworkAliases('valkey')
      .withCommand(['valkey-server', '--requirepass', values.store_password ?? ''])
      .start();
    on.started.push(store);
    const started = await new (class extends GenericContainer {
      constructor(name: string) {
        super(name);
        this.hostConfig.ReadonlyRootfs = container?.securityContext.readOnlyRootFilesystem ?? false;
        this.hostConfig.CapDrop = container?.securityContext.capabilities.drop ?? [];
        this.hostConfig.SecurityOpt = container?.securityContext.allowPrivilegeEscalation ? [] : ['no-new-privileges'];
      }
    })(image.image)
      .withUser(`${securityContext.runAsUser}:${securityContext.runAsGroup}`)
      .withNetwork(on.network)
      .withTmpFs(Object.fromEntries(temporary))
      .withBindMounts([{ source: folder, target: mountOf(secret?.name ?? ''), mode: 'ro' }])
      .withEnvironment({
        ...environment,
        OIDC_ISSUER: issuer,
        OIDC_CLIENT: client_id,
        OIDC_BASE_URL: site(2),
        OIDC_INSECURE_HTTP_PROVIDER: '1',
      })
      .withExposedPorts({ container: port, host: ports[2] ?? 0 })
      .start();
    on.started.push(started);
    const { path } = container.readinessProbe.httpGet;
    expect((await agent.get(`${site(2)}${path}`)).status).toBe(200);
    await expectSignIn(site(2));
  });

  async function expectSignIn(url: string): Promise<void> {
    const arrive = async () => {
      const page = await signIn(agent, `${url}/reports/2026`).catch(() => undefined);
      return [page?.status, page?.url];
    };
    await expect.poll(arrive, { timeout: 20_000, interval: 300 }).toEqual([200, `${url}/reports/2026`]);
    expect((await agent.xhr(`${url}/api/whoami`)).json()).toMatchObject({ username: 'alice' });
  }

  async function joinNetwork(name: string): Promise<void> {
    const network = (await getContainerRuntimeClient()).network.getById(name);
    await network.connect({ Container: provider, EndpointConfig: { Aliases: ['provider.test'] } });
  }

  async function leaveNetwork(name: string): Promise<void> {
    const network = (await getContainerRuntimeClient()).network.getById(name);
    await network.disconnect({ Container: provider, Force: true }).catch(() => undefined);
  }
});

/** Files that NGINX's user alone can read. */
function writeSecrets(folder: string, secrets: Record<string, string>): void {
  for (const [name, value] of Object.entries(secrets)) {
    writeFileSync(join(folder, name), value, { mode: 0o400 });
    chownSync(join(folder, name), 101, 101);
  }
}
