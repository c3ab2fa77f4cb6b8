import { setTimeout as sleep } from 'node:timers/promises';
import { type Agent, createAgent } from '../../test/support/agent';
import type { MisbehavingProvider } from '../../test/support/misbehaving-provider';

/** What people and programs do on a site, at random, with days that are better and worse: for a picture. */
export async function makeLoad(url: string, provider: MisbehavingProvider, seconds: number): Promise<void> {
  const quiet = { 'sec-fetch-site': undefined, 'sec-fetch-mode': undefined, 'sec-fetch-dest': undefined };
  const people: Agent[] = [];
  const began = Date.now();
  /** 0 to 1 */
  const progress = () => (Date.now() - began) / (seconds * 1000);
  const isTrouble = () => progress() > 0.55 && progress() < 0.7;
  const any = () => people[Math.floor(Math.random() * people.length)];

  const signIn = async () => {
    const agent = createAgent();
    provider.does.user = { ...provider.does.user, sub: `person-${Math.floor(Math.random() * 200)}` };
    await agent.navigate(`${url}/`);
    people.push(agent);
  };
  const leave = async (path: string, method = 'GET') => {
    const agent = people.splice(Math.floor(Math.random() * people.length), 1)[0];
    const request = { method, from: `${url}/`, ...(method === 'POST' ? { form: {} } : {}) };
    await agent?.navigate(`${url}${path}`, request);
    await agent?.close();
  };
  const program = async (token: string, path = '/api/') => {
    const agent = createAgent();
    await agent.xhr(`${url}${path}`, { headers: { ...quiet, authorization: `Bearer ${token}` } });
    await agent.close();
  };
  const forget = async () => {
    const agent = createAgent();
    await agent.get(`${url}/_codexch?code=old&state=old`);
    await agent.close();
  };
  const deeds: [weight: number, deed: () => Promise<unknown>][] = [
    [30, signIn],
    [40, async () => any()?.xhr(`${url}/`)],
    [9, () => leave('/logout')],
    [1, () => leave('/logout?everywhere=1', 'POST')],
    [4, async () => any()?.navigate(`${url}/admins/`)],
    [10, async () => program(await provider.accessToken({ client_id: `program-${Math.random()}` }))],
    [3, () => program('worth.no.thing')],
    [2, async () => program(await provider.accessToken({}), '/api/write/')],
    [1, forget],
  ];
  const all = deeds.flatMap(([weight, deed]) => Array.from({ length: weight }, () => deed));
  const chosen = () => all[Math.floor(Math.random() * all.length)] ?? signIn;
  while (progress() < 1) {
    const wave = 1 + Math.sin(progress() * 6) / 2;
    provider.does.delays = { '/token': isTrouble() ? 400 + Math.random() * 900 : 20 + Math.random() * 60 };
    provider.respond('/token', isTrouble() && Math.random() < 0.5 ? { status: 503, body: '{}', times: 1 } : undefined);
    void chosen()().catch(() => {}); // what fails is in the picture
    await sleep((40 + Math.random() * 80) / wave);
  }
  await Promise.all(people.map((agent) => agent.close()));
}
