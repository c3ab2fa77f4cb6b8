import { readFileSync, rmSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { type Agent, createAgent } from '../support/agent';
import { createCertificates } from '../support/certificates';
import { type EchoApplication, startEchoApplication } from '../support/echo-application';
import { freePort } from '../support/free-port';
import { type MisbehavingProvider, startMisbehavingProvider } from '../support/misbehaving-provider';
import { onEachTarget, useNginx } from '../support/nginx';
import { blocksOf } from '../support/recipes';
import { type Site, startSite } from '../support/site';
import { uncommented } from '../support/uncommented';

const page = readFileSync(new URL('../../docs/hardening.md', import.meta.url), 'utf8');

onEachTarget('a site with all of docs/hardening.md', (nginx) => {
  useNginx();
  let provider: MisbehavingProvider;
  let application: EchoApplication;
  let site: Site;
  let plain: string;
  let at: (address: string) => Agent;
  const browsers: Agent[] = [];

  beforeAll(async () => {
    provider = await startMisbehavingProvider();
    application = await startEchoApplication();
    const { folder, authority } = createCertificates(['127.0.0.1']);
    const pem = (name: string) => readFileSync(`${folder}/127.0.0.1.${name}`, 'utf8');
    const { inside, outside } = blocksOf(page, 'docs/hardening.md');
    expect(inside).toContain('set_real_ip_from 10.0.0.0/8;');
    const port = await freePort();
    plain = `http://127.0.0.1:${port}`;
    site = await startSite({
      nginx,
      issuer: provider.issuer,
      application: application.address,
      tls: { cert: pem('pem'), key: pem('key') },
      http: outside.replace('listen 8080;', `listen 127.0.0.1:${port};`),
      editFrontend: (conf) =>
        uncommented(conf, /limit_req_zone .*;/).replace(
          '    location / {',
          `${inside.replace('10.0.0.0/8', '127.0.0.0/8')}\n    location / {`,
        ),
      editServer: (conf) => uncommented(conf, /limit_req zone=oidc_sign_in .*;/),
    });
    at = (address) => {
      const one = createAgent({ 'x-forwarded-for': address }, { authority });
      browsers.push(one);
      return one;
    };
    rmSync(folder, { recursive: true });
  });
  afterEach(async () => {
    provider.reset();
    for (const one of browsers.splice(0)) await one.close();
  });
  afterAll(async () => {
    await provider.stop();
    await application.stop();
  });

  it('signs people in, and its headers are on their pages, as are those of the module on its own', async () => {
    const answer = await at('203.0.113.6').navigate(`${site.url}/page`);
    expect(answer.status).toBe(200);
    expect(answer.headers['strict-transport-security']).toBe('max-age=31536000');
    expect(answer.headers['x-content-type-options']).toBe('nosniff');
    const error = await at('203.0.113.8').get(`${site.url}/_codexch?code=x&state=y`);
    expect(error.status).toBe(400);
    expect(error.headers['content-security-policy']).toContain("frame-ancestors 'none'");
    expect(error.headers['strict-transport-security']).toBe('max-age=31536000');
    expect(error.headers.server).toBe('nginx');
  });

  it('counts sign-ins by the address that the load balancer tells', async () => {
    site.nginx.expectLog(/limiting requests|oidc: /);
    const flood = at('203.0.113.7');
    const answers = await Promise.all(Array.from({ length: 150 }, () => flood.get(`${site.url}/_oidc_login`)));
    expect(answers.filter(({ status }) => status === 429).length).toBeGreaterThan(50);
    expect((await at('203.0.113.9').get(`${site.url}/_oidc_login`)).status).toBe(302);
  });

  it('leads people who come without TLS to the name that it has', async () => {
    const answer = await at('203.0.113.5').get(`${plain}/a?b=c`);
    expect([answer.status, answer.headers.location]).toEqual([308, 'https://app.example.com/a?b=c']);
  });
});
