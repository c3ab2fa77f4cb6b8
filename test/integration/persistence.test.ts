import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { atLeast } from '../../scripts/nginx/build';
import { type Agent, createAgent } from '../support/agent';
import { type EchoApplication, startEchoApplication } from '../support/echo-application';
import { type MisbehavingProvider, startMisbehavingProvider } from '../support/misbehaving-provider';
import { onEachTarget, useNginx } from '../support/nginx';
import { waitUntil } from '../support/processes';
import { type Site, startSite } from '../support/site';

onEachTarget('sessions outlive', (nginx) => {
  useNginx();
  let provider: MisbehavingProvider;
  let application: EchoApplication;
  let site: Site;
  const agents: Agent[] = [];
  const hasState = atLeast(nginx.njsVersion, '0.9.1');

  beforeAll(async () => {
    provider = await startMisbehavingProvider();
    application = await startEchoApplication();
    site = await startSite({
      nginx,
      workers: 4,
      issuer: provider.issuer,
      application: application.address,
      editFrontend: (conf) =>
        hasState ? conf.replace('zone=oidc_sessions:64m timeout=24h', '$& state=state/oidc_sessions.json') : conf,
      files: { 'state/.keep': '' },
    });
    for (let i = 0; i < 10; i++) {
      const agent = createAgent();
      expect((await agent.navigate(`${site.url}/`)).status).toBe(200);
      agents.push(agent);
    }
  });
  afterAll(async () => {
    await provider.stop();
    await application.stop();
    await Promise.all(agents.map((agent) => agent.close()));
  });

  const stateFile = () => {
    const path = join(site.nginx.dir, 'state/oidc_sessions.json');
    return existsSync(path) ? readFileSync(path, 'utf8') : '';
  };

  const everybodyIsSignedIn = async () => {
    const answers = await Promise.all(agents.map((agent) => agent.xhr(`${site.url}/`)));
    expect(answers.map((answer) => answer.status)).toEqual(agents.map(() => 200));
  };

  it('kill -9 of a worker under load', async () => {
    let going = true;
    const statuses: number[] = [];
    const load = agents.map(async (agent) => {
      while (going) {
        await agent.xhr(`${site.url}/`).then(
          (answer) => statuses.push(answer.status),
          () => undefined, // a connection of the killed worker
        );
      }
    });
    for (let i = 1; i <= 3; i++) {
      await waitUntil('requests are answered', () => statuses.length > i * 50);
      await site.nginx.killWorker();
    }
    going = false;
    await Promise.all(load);
    expect([...new Set(statuses)]).toEqual([200]);
    await everybodyIsSignedIn();
  });

  it('a reload', async () => {
    await site.nginx.reload();
    await sleep(300); // idle connections to the old workers close meanwhile
    await everybodyIsSignedIn();
  });

  it.runIf(hasState)('a restart, where the zone has a state file', async () => {
    const sessions = () => stateFile().match(/"s:/g)?.length;
    await waitUntil('the state file has every session', () => sessions() === agents.length);
    await site.nginx.stopKeepingState();
    await site.nginx.start();
    await everybodyIsSignedIn();
  });

  it.runIf(hasState)('and the state file gives nobody a session or a token', async () => {
    let dump = '';
    await waitUntil('the state file has every session', () => {
      dump = stateFile(); // NGINX may be writing it anew just now
      return dump.match(/"s:/g)?.length === agents.length;
    });
    expect(dump).toContain('Alice Liddell');
    for (const agent of agents) {
      const cookies = await agent.jar.getCookies(site.url);
      const secret = cookies.find((cookie) => cookie.key === 'auth_token')?.value ?? 'none';
      expect(dump).not.toContain(secret);
    }
    expect(provider.secrets().length).toBeGreaterThan(3 * agents.length);
    for (const secret of provider.secrets()) expect(dump).not.toContain(secret);
    for (const key of dump.match(/"s:[A-Za-z0-9_-]{43}/g) ?? []) {
      const thief = createAgent({ cookie: `auth_token=${key.slice(3)}` });
      expect((await thief.xhr(`${site.url}/`)).status).toBe(401);
      await thief.close();
    }
  });
});
