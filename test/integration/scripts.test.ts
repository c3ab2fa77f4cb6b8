import { afterAll, beforeAll, expect, it } from 'vitest';
import { createAgent } from '../support/agent';
import { type EchoApplication, startEchoApplication } from '../support/echo-application';
import { type MisbehavingProvider, startMisbehavingProvider } from '../support/misbehaving-provider';
import { onEachTarget, useNginx } from '../support/nginx';
import { shipped, startSite } from '../support/site';

const importing = (script: string) => (conf: string) =>
  conf.replace(/(js_import oidc from conf\.d\/)openid_connect\w*\.js;/, `$1${script};`);

onEachTarget('the scripts for one engine and the other', (nginx) => {
  useNginx();
  let provider: MisbehavingProvider;
  let application: EchoApplication;

  beforeAll(async () => {
    provider = await startMisbehavingProvider();
    application = await startEchoApplication();
  });
  afterAll(async () => {
    await provider.stop();
    await application.stop();
  });
  const start = (script: string) =>
    startSite({ nginx, issuer: provider.issuer, application: application.address, editFrontend: importing(script) });

  it('openid_connect_njs.js runs on either', async () => {
    const site = await start('openid_connect_njs.js');
    const agent = createAgent();
    expect((await agent.navigate(`${site.url}/`)).status).toBe(200);
    await agent.close();
  });

  it('openid_connect.js runs on QuickJS, and with the other engine NGINX says so before it starts', async () => {
    if (nginx.engine === 'qjs') {
      const site = await start('openid_connect.js');
      const agent = createAgent();
      expect((await agent.navigate(`${site.url}/`)).status).toBe(200);
      await agent.close();
    } else {
      await expect(start('openid_connect.js')).rejects.toThrow(/SyntaxError: .* not supported in this version/);
    }
  });

  it('are of one version', () => {
    const version = (name: string) => /^\/\/ openid_connect (\S+):/.exec(shipped(name))?.[1];
    expect(version('openid_connect.js')).toMatch(/^\d/);
    expect(version('openid_connect_njs.js')).toBe(version('openid_connect.js'));
  });
});
