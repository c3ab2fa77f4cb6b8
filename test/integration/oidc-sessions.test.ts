import { expect, it } from 'vitest';
import { useScene } from '../security/site';
import type { Agent } from '../support/agent';
import { onEachTarget } from '../support/nginx';

const uncommented = (conf: string) =>
  conf.replace(/# (location = \/_oidc_sessions \{)\n(?:# .*\n)+/, (block) => block.replace(/^# ?/gm, ''));

onEachTarget('/_oidc_sessions', (nginx) => {
  const scene = useScene(nginx, { workers: 4, editServer: uncommented });
  const noBrowser = { 'sec-fetch-site': undefined, 'sec-fetch-mode': undefined, 'sec-fetch-dest': undefined };
  const ask = (form?: Record<string, string>, options: Record<string, unknown> = {}) =>
    scene.agent.xhr(`${scene.site.url}/_oidc_sessions`, {
      ...(form ? { method: 'POST', form } : {}),
      headers: noBrowser,
      ...options,
    });
  const asked = async (form?: Record<string, string>) => (await ask(form)).json<Record<string, unknown>>();
  const person = async (sub: string) => {
    scene.provider.does.user = { ...scene.provider.does.user, sub };
    const agent = scene.browser();
    await scene.signedIn(agent);
    return { agent, sid: String(scene.provider.issued.at(-1)?.sid) };
  };
  const statuses = (people: { agent: Agent }[]) =>
    Promise.all(people.map(async ({ agent }) => (await agent.xhr(`${scene.site.url}/`)).status));

  it('counts, and ends the sessions of a person, of a sid, or all that began before a time', async () => {
    await asked({ began_before: '9999999999' });
    const people = [await person('alice'), await person('alice'), await person('bob'), await person('carol')];
    const answer = await ask();
    expect([answer.status, answer.json(), answer.headers['cache-control']]).toEqual([
      200,
      { sessions: 4, people: 3 },
      'no-store',
    ]);
    expect(await asked({ sub: 'nobody' })).toEqual({ ended: 0 });
    expect(await asked({ sub: 'alice' })).toEqual({ ended: 2 });
    expect(await statuses(people)).toEqual([401, 401, 200, 200]);
    expect(await asked({ sid: people[2]?.sid ?? '' })).toEqual({ ended: 1 });
    expect(await statuses(people)).toEqual([401, 401, 401, 200]);
    expect(await asked()).toEqual({ sessions: 1, people: 1 });
    const before = Math.floor(Date.now() / 1000);
    expect(await asked({ began_before: String(before - 60) })).toEqual({ ended: 0 });
    expect(await statuses(people)).toEqual([401, 401, 401, 200]);
    expect(await asked({ began_before: String(before + 1) })).toEqual({ ended: 1 });
    expect(await statuses(people)).toEqual([401, 401, 401, 401]);
    expect(await asked()).toEqual({ sessions: 0, people: 0 });
  });

  it.each([{}, { user: 'alice' }, { sub: 'alice', sid: 'x' }, { began_before: 'now' }])(
    'ends nothing for %j',
    async (form) => {
      const people = [await person('alice')];
      const answer = await ask(form as Record<string, string>);
      expect([answer.status, answer.json<Record<string, unknown>>().error]).toEqual([400, 'logout_invalid']);
      expect(await statuses(people)).toEqual([200]);
    },
  );

  it('ends nothing for a page that somebody on this machine has open, and nothing by GET', async () => {
    const people = [await person('alice')];
    const form = { sub: 'alice' };
    for (const headers of [
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-origin' },
      { ...noBrowser, origin: 'http://127.0.0.1' },
      { ...noBrowser, origin: 'null' },
    ]) {
      expect([(await ask(form, { headers })).status, (await ask(undefined, { headers })).status]).toEqual([403, 403]);
    }
    expect((await ask(form, { method: 'PUT' })).status).toBe(405);
    expect((await scene.agent.xhr(`${scene.site.url}/_oidc_sessions?sub=alice`, { headers: noBrowser })).status).toBe(
      200,
    );
    expect(await statuses(people)).toEqual([200]);
  });

  it('shows no claim, id or token', async () => {
    const { sid } = await person('alice-in-person');
    const texts = [(await ask()).text, (await ask({ sub: 'alice-in-person' })).text].join();
    for (const secret of ['alice', sid]) expect(texts).not.toContain(secret);
    expect(scene.site.nginx.errorLog()).not.toContain('alice-in-person');
  });
});

onEachTarget('/_oidc_sessions as shipped', (nginx) => {
  const scene = useScene(nginx);

  it('is not there', async () => {
    const { status } = await scene.browser().xhr(`${scene.site.url}/_oidc_sessions`);
    expect(status).toBe(401); // the gate of location /
    await scene.signedIn();
    const answer = await scene.agent.get(`${scene.site.url}/_oidc_sessions`);
    expect(scene.echo(answer).url).toBe('/_oidc_sessions'); // the application's
  });
});
