import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { onEachTarget } from '../support/nginx';
import { cpuTime, load } from './load';
import { useScene } from './site';

const page = { accept: 'text/html', 'sec-fetch-mode': 'navigate' };
const script = { 'sec-fetch-mode': 'cors' };
const random = (bytes = 32) => randomBytes(bytes).toString('base64url');

onEachTarget('load, 4 workers', (nginx) => {
  const scene = useScene(nginx, { workers: 4 });
  const size = async () => Number((await scene.agent.get(`${scene.site.url}/probe/size`)).text);

  it('10,000 requests of people who are not signed in leave the store empty', async () => {
    const { site } = scene;
    const statuses = await load(site.url, 10_000, (i) => ({ path: `/${i}`, headers: i % 2 ? page : script }));
    expect(statuses).toEqual({ 302: 5000, 401: 5000 });
    expect(await size()).toBe(0);
    expect(scene.application.requests).toHaveLength(0);
    expect(scene.provider.requests().map(({ endpoint }) => endpoint)).toEqual(['/metadata']);
  });

  it('floods of forged cookies, callbacks, logouts and front-channel logouts leave no trace, reach no provider and cost the workers 1 ms of CPU each at most, 2 with the njs engine', async () => {
    const { provider, site } = scene;
    const secret = await scene.signedIn();
    const before = [await size(), provider.requests().length];
    const count = 2000;
    const cost = async (request: Parameters<typeof load>[2], status: number) => {
      const began = cpuTime(site.nginx);
      expect(await load(site.url, count, request)).toEqual({ [status]: count });
      return (cpuTime(site.nginx) - began) / count;
    };
    const signedIn = await cost(() => ({ path: '/', headers: { ...script, cookie: `auth_token=${secret}` } }), 200);
    const forged = () => `auth_token=${random()}; oidc_login_${random(12)}=t0000.${random(200)}; oidc_attempts=0.1.`;
    const floods = {
      cookies: await cost(() => ({ path: '/', headers: { ...script, cookie: forged() } }), 401),
      callbacks: await cost(
        () => ({ path: `/_codexch?state=${random()}&code=${random()}`, headers: { ...page, cookie: forged() } }),
        400,
      ),
      sealed: await cost(() => {
        const state = random();
        const cookie = `oidc_login_${state.slice(0, 16)}=t0000.${random(200)}`;
        return { path: `/_codexch?state=${state}&code=x`, headers: { ...page, cookie } };
      }, 400),
      logouts: await cost(() => ({ path: '/logout', headers: { ...page, cookie: forged() } }), 302),
      frames: await cost(
        () => ({ path: `/front_channel_logout?sid=${random()}`, headers: { ...page, cookie: forged() } }),
        200,
      ),
    };
    expect([await size(), provider.requests().length]).toEqual(before);
    expect((await scene.agent.xhr(`${site.url}/`)).status).toBe(200);
    const all = JSON.stringify({ signedIn, ...floods });
    // That engine makes all functions of the flow anew for each request.
    const most = nginx.engine === 'njs' ? 2 : 1;
    for (const ms of Object.values(floods)) expect(ms, `ms of CPU: ${all}`).toBeLessThan(most);
  }, 60_000);

  it('kill -9 of each worker under load ends no session, lets nobody in, and leaves no lock behind', async () => {
    const { site, application } = scene;
    const agents = Array.from({ length: 6 }, () => scene.browser());
    for (const agent of agents) await scene.signedIn(agent);
    let going = true;
    const statuses = new Map<string, number>();
    const note = (name: string) => statuses.set(name, (statuses.get(name) ?? 0) + 1);
    const visitors = [...agents, ...agents].map(async (agent) => {
      while (going)
        await agent.xhr(`${site.url}/in`).then(
          ({ status }) => note(`in ${status}`),
          () => undefined,
        );
    });
    const strangers = [1, 2].map(async () => {
      while (going) {
        const headers = { cookie: `auth_token=${random()}` };
        await scene.agent.xhr(`${site.url}/out`, { headers }).then(
          ({ status }) => note(`out ${status}`),
          () => undefined,
        );
      }
    });
    const newcomers = [1, 2].map(async () => {
      while (going) await scene.signedIn(scene.browser()).catch(() => undefined);
    });
    for (let i = 0; i < 4; i++) {
      await site.nginx.killWorker();
      await sleep(100);
    }
    going = false;
    await Promise.all([...visitors, ...strangers, ...newcomers]);
    expect([...statuses.keys()].sort()).toEqual(['in 200', 'out 401']);
    expect(application.requests.some(({ url }) => url === '/out')).toBe(false);
    for (const agent of agents) expect((await agent.xhr(`${site.url}/`)).status).toBe(200);
    await scene.signedIn(scene.browser());
  });
});
