import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { siteFile } from '../../scripts/release/deb-files';
import { configureSite } from '../../scripts/site/configure';
import { type Agent, createAgent, signIn } from '../support/agent';
import { demoClient, type RunningProvider, startProvider } from '../support/demo-parts';
import { type EchoApplication, startEchoApplication } from '../support/echo-application';
import { freePorts } from '../support/free-port';
import { inDebian, install, packageOf, readInDebian, writeInDebian } from './debian';

const enabled = '/etc/nginx/conf.d/openid_connect.conf';
const bundle = '/usr/share/nginx-openid-connect/openid_connect.js';
const patience = { timeout: 15_000 };
const [first, older, newer, newest] = ['900.0.9', '900.1.0', '900.1.1', '900.2.0'].map(packageOf) as [
  string,
  string,
  string,
  string,
];

// One story, told in order: each test goes on where the one before it stopped.
describe('the Debian package in a bare Debian 13', () => {
  let agent: Agent;
  let provider: RunningProvider;
  let application: EchoApplication;
  let site: string;
  let page: string;
  let gatePort: number;
  let edited: string;
  let key: string;
  const workers = () => inDebian('pgrep -f "nginx: worker process$" || true').match(/\d+/g) ?? [];
  const settled = async () => {
    await expect.poll(() => workers().length, patience).toBe(2);
    return workers();
  };
  const expectReload = async (before: string[]) => {
    await expect.poll(() => workers().filter((pid) => !before.includes(pid)).length, patience).toBe(2);
    expect(await settled()).not.toEqual(expect.arrayContaining(before));
  };

  beforeAll(async () => {
    const [port = 0, pagePort = 0, ...others] = await freePorts(3);
    [gatePort = 0] = others;
    site = `http://127.0.0.1:${port}`;
    page = `http://127.0.0.1:${pagePort}`;
    agent = createAgent({ connection: 'close' }); // a reload closes those that wait
    application = await startEchoApplication();
    provider = await startProvider({ port: 0, clients: [demoClient(site)] });
  });
  afterAll(async () => {
    inDebian('nginx -s stop || true');
    await agent.close();
    await application.stop();
    await provider.stop();
  });

  it('brings NGINX and its JavaScript module, and its configuration is valid', () => {
    expect(inDebian('dpkg -l | grep -c nginx || true').trim()).toBe('0');
    install(older);
    expect(inDebian('nginx -t')).toContain('test is successful');
    expect(inDebian('dpkg -s libnginx-mod-http-js')).toContain('install ok installed');
  });

  it('changes nothing of a running NGINX: no site, no port, not even a reload', async () => {
    inDebian('apt-get purge -y nginx-openid-connect');
    writeInDebian('/etc/nginx/sites-available/default', `server { listen ${new URL(page).host}; return 204; }`);
    inDebian('sed -i "s/^worker_processes .*/worker_processes 2;/" /etc/nginx/nginx.conf && nginx');
    const running = await settled();
    install(first);
    install(older); // an upgrade, too, while nobody uses it
    expect(inDebian('nginx -T')).not.toContain('openid');
    expect(workers()).toEqual(running);
    expect((await agent.get(page)).status).toBe(204);
  });

  it('puts a site to edit beside the others: for root alone, with a key of its own, fit for the engine', () => {
    const text = readInDebian(siteFile);
    key = /set \$oidc_hmac_key\s+"([0-9a-f]{64})";/.exec(text)?.[1] ?? '';
    expect(key).not.toBe('');
    expect(text).not.toMatch(/^js_engine/m); // Debian 13's njs has one engine
    expect(text).toContain('js_import');
    expect(inDebian(`stat -c "%a %U:%G" ${siteFile}`).trim()).toBe('600 root:root');
    expect(inDebian('ls /etc/nginx/sites-available /etc/nginx/conf.d')).not.toContain('.new');
  });

  it('signs people in with the site edited and enabled as its first lines say', async () => {
    const { client_id, client_secret } = demoClient();
    edited = configureSite(readInDebian(siteFile), {
      listen: new URL(site).host,
      gate: `127.0.0.1:${gatePort}`,
      upstream: application.address,
      set: { oidc_issuer: provider.issuer, oidc_client: client_id, oidc_client_secret: client_secret },
      alsoSet: { oidc_insecure_http_provider: '1' },
    });
    writeInDebian(siteFile, edited);
    const commands = [...edited.matchAll(/^#\s+\d\. ((?:ln|nginx) .*)$/gm)].map(([, command = '']) => command);
    expect(commands).toHaveLength(2);
    for (const command of commands) inDebian(command);
    await expect.poll(() => agent.get(site).then(({ status }) => status, String), patience).toBe(302);
    expect((await signIn(agent, `${site}/deep`)).json<{ url: string }>().url).toBe('/deep');
  });

  it('an upgrade keeps the edits and the sessions, and NGINX runs the new script', async () => {
    const before = await settled();
    install(newer);
    expect(readInDebian(siteFile)).toBe(edited);
    expect(readInDebian(bundle)).toContain('900.1.1');
    await expectReload(before);
    await expectSession();
  });

  it('an upgrade with a broken configuration ends well, says so, and NGINX goes on', async () => {
    writeInDebian(siteFile, edited.replace('upstream my_backend {', 'upstream my_backend { nonsense;'));
    const before = await settled();
    expect(install(newest)).toContain('NGINX goes on with what it has loaded');
    expect(workers()).toEqual(before);
    await expectSession();
    writeInDebian(siteFile, edited);
  });

  it('the version before can be installed again, and the sessions are kept', async () => {
    const before = await settled();
    install(older, '--allow-downgrades');
    expect(readInDebian(bundle)).toContain('900.1.0');
    await expectReload(before);
    expect(readInDebian(siteFile)).toBe(edited);
    await expectSession();
  });

  it('is removed with the site disabled, so that NGINX still starts; the edits stay for the next installation', async () => {
    expect(inDebian('apt-get remove -y nginx-openid-connect')).toContain(`Disabled ${enabled}`);
    expect(inDebian('nginx -t')).toContain('test is successful');
    await expect.poll(() => agent.get(site).then(String, () => 'closed'), patience).toBe('closed');
    expect((await agent.get(page)).status).toBe(204);
    install(newer);
    expect(readInDebian(siteFile)).toBe(edited);
  });

  it('names the files that would keep NGINX from starting without it', () => {
    inDebian(`cp ${siteFile} /etc/nginx/sites-enabled/copy`);
    expect(inDebian('apt-get remove -y nginx-openid-connect')).toMatch(/will not start until.*sites-enabled\/copy/);
    inDebian('rm /etc/nginx/sites-enabled/copy');
    install(newer);
  });

  it('leaves nothing when it is purged', () => {
    inDebian(`ln -s ${siteFile} ${enabled}`);
    inDebian('apt-get purge -y nginx-openid-connect');
    expect(inDebian('find / -xdev -name "*openid*" -not -path "/tmp/*"')).toBe('');
    expect(inDebian('grep -rl openid /etc || true')).toBe('');
    expect(inDebian('nginx -t')).toContain('test is successful');
  });

  it('after a purge, a new installation starts anew, with another key', () => {
    install(newest);
    expect(readInDebian(siteFile)).not.toContain(key);
    expect(readInDebian(siteFile)).toMatch(/set \$oidc_hmac_key\s+"[0-9a-f]{64}";/);
  });

  async function expectSession(): Promise<void> {
    const answer = await agent.get(`${site}/again`);
    expect(answer.status).toBe(200);
    expect(answer.json<{ url: string }>().url).toBe('/again');
  }
});
