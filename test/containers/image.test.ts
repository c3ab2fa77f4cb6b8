import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GenericContainer, getContainerRuntimeClient, type StartedTestContainer, Wait } from 'testcontainers';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { type Agent, createAgent, signIn } from '../support/agent';
import { freePorts } from '../support/free-port';
import { childrenOf } from '../support/processes';
import {
  type PrivateNetwork,
  SiteContainer,
  siteEnvironment,
  startApplicationPart,
  startNetwork,
  startProviderPart,
} from './parts';

describe.each(inject('siteImages'))('the Dockerfile on $base', (image) => {
  let on: PrivateNetwork;
  let agent: Agent;
  let port: number;
  let environment: Record<string, string>;
  let site: StartedTestContainer;

  beforeAll(async () => {
    const [sitePort = 0, providerPort = 0] = await freePorts(2);
    port = sitePort;
    on = await startNetwork();
    const { issuer } = await startProviderPart(on, providerPort, [`http://site.test:${port}`]);
    await startApplicationPart(on);
    environment = siteEnvironment(image, issuer, port);
    const container = new SiteContainer(on, image.image, environment, [port]);
    site = await container.withWaitStrategy(Wait.forHealthCheck()).startOn(on);
  });
  afterAll(() => on.stop());
  beforeEach(() => {
    agent = createAgent();
  });
  afterEach(() => agent.close());

  const url = () => `http://site.test:${port}`;

  it('a person signs in at a provider that NGINX finds by its name in container DNS', async () => {
    const page = await signIn(agent, `${url()}/reports/2026?team=blue`);
    expect(page.url).toBe(`${url()}/reports/2026?team=blue`);
    expect(page.status).toBe(200);
    const who = await agent.xhr(`${url()}/api/whoami`);
    expect(who.json()).toMatchObject({ username: 'alice', signedIn: true });
  });

  it('runs without root, without capabilities and with a root file system that nobody can write', async () => {
    const { output } = await site.exec(['sh', '-c', 'id -u; grep CapBnd /proc/1/status; touch /etc/nginx/x 2>&1']);
    const [uid, capabilities, touched] = output.trim().split('\n');
    expect(Number(uid)).toBeGreaterThan(0);
    expect(capabilities).toMatch(/^CapBnd:\s+0+$/);
    expect(touched).toMatch(/Read-only file system/);
  });

  it('nobody else in the container can read the file with the secrets', async () => {
    const { output } = await site.exec(['stat', '-c', '%a %n', '/tmp/oidc', '/tmp/oidc/site.conf']);
    expect(output.trim().split('\n')).toEqual(['700 /tmp/oidc', '600 /tmp/oidc/site.conf']);
  });

  it.each(['OIDC_ISSUER', 'OIDC_CLIENT', 'OIDC_CLIENT_SECRET', 'OIDC_HMAC_KEY', 'UPSTREAM'])(
    'without %s it does not start and says so',
    async (name) => {
      const { [name]: _missing, ...rest } = environment;
      expect(await failure(rest)).toMatch(new RegExp(`^openid_connect: ${name} is missing: set it`, 'm'));
    },
  );

  it('names the file of a secret that it cannot read', async () => {
    const said = await failure({ ...environment, OIDC_HMAC_KEY_FILE: '/run/secrets/none' });
    expect(said).toContain('OIDC_HMAC_KEY_FILE names /run/secrets/none');
  });

  it('reads secrets from files, whatever is in them', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'secrets-'));
    try {
      chmodSync(folder, 0o755);
      writeFileSync(join(folder, 'secret'), `${environment['OIDC_CLIENT_SECRET']}\n`, { mode: 0o644 });
      writeFileSync(join(folder, 'key'), 'key with $host, "quotes" and \\ in it\n', { mode: 0o644 });
      const [other = 0] = await freePorts(1);
      const { OIDC_CLIENT_SECRET: _secret, OIDC_HMAC_KEY: _key, ...rest } = environment;
      const files = { OIDC_CLIENT_SECRET_FILE: '/run/secrets/secret', OIDC_HMAC_KEY_FILE: '/run/secrets/key' };
      const container = new SiteContainer(
        on,
        image.image,
        { ...rest, ...files, OIDC_LISTEN: String(other), OIDC_BASE_URL: url() },
        [other],
      );
      const started = await container
        .withBindMounts([{ source: folder, target: '/run/secrets', mode: 'ro' }])
        .startOn(on);
      const page = await agent.get(`http://site.test:${other}/`);
      expect(page.status).toBe(302);
      const { output } = await started.exec(['grep', 'set $oidc_hmac_key', '/tmp/oidc/site.conf']);
      // biome-ignore lint/suspicious/noTemplateCurlyInString: it is nginx's
      expect(output).toContain('"key with ${oidc_dollar}host, \\"quotes\\" and \\\\ in it"');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('is unhealthy when NGINX no longer answers, and healthy again when it does', async () => {
    const runtime = await getContainerRuntimeClient();
    const { Config, State } = await runtime.container.inspect(runtime.container.getById(site.getId()));
    const [, ...check] = Config.Healthcheck?.Test ?? [];
    const isHealthy = async () => (await site.exec(['timeout', '2', ...check])).exitCode === 0;
    expect(await isHealthy()).toBe(true);
    const workers = childrenOf(State.Pid).map(({ pid }) => pid);
    const signal = (name: NodeJS.Signals) => [State.Pid, ...workers].map((pid) => process.kill(pid, name));
    signal('SIGSTOP');
    expect(await isHealthy()).toBe(false);
    signal('SIGCONT');
    expect(await isHealthy()).toBe(true);
  });

  async function failure(settings: Record<string, string>): Promise<string> {
    let said = '';
    const container = new GenericContainer(image.image)
      .withEnvironment(settings)
      .withWaitStrategy(Wait.forOneShotStartup())
      .withLogConsumer((stream) => stream.on('data', (chunk) => (said += chunk)));
    await expect(container.start()).rejects.toThrow();
    return said;
  }
});
