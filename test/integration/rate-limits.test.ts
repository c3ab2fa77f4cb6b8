import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { describeNginx } from '../../scripts/nginx/target';
import { type Agent, createAgent } from '../support/agent';
import { startCognito } from '../support/cognito-provider';
import { type EchoApplication, startEchoApplication } from '../support/echo-application';
import { type MisbehavingProvider, startMisbehavingProvider } from '../support/misbehaving-provider';
import { onEachTarget, useNginx } from '../support/nginx';
import { startPlusNginx } from '../support/plus/nginx-site';
import { type Site, startSite } from '../support/site';
import { uncommented } from '../support/uncommented';

const zoneLine = /limit_req_zone .*;/;
const limitLine = /limit_req zone=oidc_sign_in .*;/;
const flood = 300;

/** So many requests at once, by no browser with a cookie; how many had each status. */
async function statuses(agent: Agent, url: string): Promise<Record<number, number>> {
  const answers = await Promise.all(Array.from({ length: flood }, () => agent.get(url)));
  const counts: Record<number, number> = {};
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

onEachTarget('the rate limits that the files have as comments', (nginx) => {
  useNginx();
  let provider: MisbehavingProvider;
  let application: EchoApplication;
  let site: Site;
  const browsers: Agent[] = [];
  const browser = (localAddress: string) => {
    const agent = createAgent({}, { localAddress });
    browsers.push(agent);
    return agent;
  };

  beforeAll(async () => {
    provider = await startMisbehavingProvider();
    application = await startEchoApplication();
    site = await startSite({
      nginx,
      issuer: provider.issuer,
      application: application.address,
      editFrontend: (conf) => uncommented(conf, zoneLine),
      editServer: (conf) => uncommented(conf, limitLine),
    });
  });
  afterEach(async () => {
    for (const agent of browsers.splice(0)) await agent.close();
  });
  afterAll(() => Promise.all([provider.stop(), application.stop()]));

  const attacks: [string, string, number][] = [
    ['callbacks', '/_codexch?code=x&state=y', 400],
    ['sign-ins that a link begins', '/_oidc_login', 302],
    ['pages without a session', '/', 302],
  ];

  it.each(attacks)(
    'a flood of %s has 429 for answer, and everybody else signs in meanwhile',
    async (_, path, usual) => {
      site.nginx.expectLog(/limiting requests|oidc: /);
      const attacker = `127.0.0.${10 + attacks.findIndex(([, one]) => one === path)}`;
      const [counts, page] = await Promise.all([
        statuses(browser(attacker), site.url + path),
        browser('127.0.0.2').navigate(`${site.url}/page`),
      ]);
      expect(page.status).toBe(200);
      expect(counts[429]).toBeGreaterThan(flood / 2);
      expect(Object.keys(counts).map(Number)).toEqual([usual, 429].sort());
      expect(provider.requests('/token').filter(({ form }) => form.get('code') === 'x')).toEqual([]);
    },
  );

  it('nobody who is signed in is ever counted, nor who signs in as people do', async () => {
    const agent = browser('127.0.0.3');
    for (let tab = 0; tab < 10; tab++) expect((await browser('127.0.0.3').navigate(`${site.url}/`)).status).toBe(200);
    expect((await agent.navigate(`${site.url}/`)).status).toBe(200);
    const counts = await statuses(agent, `${site.url}/page`);
    expect(counts).toEqual({ 200: flood });
  });
});

for (const nginx of inject('nginxTargets').filter(({ target }) => target === 'C' || target === 'P')) {
  describe(`[${describeNginx(nginx)}] the same in the files for NGINX Plus`, () => {
    useNginx();

    it('stops a flood', async () => {
      const cognito = await startCognito();
      const application = await startEchoApplication();
      const { url, nginx: running } = await startPlusNginx({
        nginx,
        cognito,
        application: application.address,
        editShared: (conf) => uncommented(conf, zoneLine),
        editServer: (conf) => uncommented(conf, limitLine),
      });
      running.expectLog(/limiting requests|oidc: /);
      const agent = createAgent();
      const counts = await statuses(agent, `${url}/_oidc_login`);
      expect(counts[429]).toBeGreaterThan(flood / 2);
      await agent.close();
      await cognito.stop();
      await application.stop();
    });
  });
}
