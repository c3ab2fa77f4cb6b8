import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { useScene } from '../security/site';
import type { Agent, Answer } from '../support/agent';
import { onEachTarget } from '../support/nginx';

const sealedIn = (page: Answer) => /<data id="sealed" value="([\w-]+)">/.exec(page.text)?.[1] ?? '';
const stepOf = (page: Answer) => /data-step="(\w+)"/.exec(page.text)?.[1];
const binary = 'application/octet-stream';

onEachTarget('/_oidc_return', (nginx) => {
  const scene = useScene(nginx, {
    workers: 2,
    editServer: (conf) => `${conf}
      location /large { client_max_body_size 10m; auth_request /_oidc_auth; error_page 401 = @do_oidc_flow; proxy_pass http://my_backend; }
      location /off { set $oidc_keep_post off; auth_request /_oidc_auth; error_page 401 = @do_oidc_flow; proxy_pass http://my_backend; }\n`,
  });
  const url = (path: string) => scene.site.url + path;
  const post = (body: Buffer | string, type = 'text/plain', path = '/orders?n=1', agent: Agent = scene.agent) =>
    agent.get(url(path), {
      method: 'POST',
      body,
      from: url('/form'),
      headers: { 'content-type': type, referer: url('/form') },
    });
  const open = (sealed: string, agent: Agent = scene.agent) =>
    agent.xhr(url('/_oidc_return'), { method: 'POST', body: sealed });

  it.each([0, 1, 15_000, 16_384, 17_000, 300_000, 1_048_576])(
    'gives back a form of %i bytes exactly, once',
    async (length) => {
      const body = randomBytes(length);
      const page = await post(body, 'multipart/form-data; boundary=x');
      expect([page.status, stepOf(page), page.headers['content-type']]).toEqual([
        401,
        'form',
        'text/html; charset=utf-8',
      ]);
      expect(page.setCookies).toEqual([]);
      await scene.signedIn();
      const answer = await open(sealedIn(page));
      expect(answer.status).toBe(200);
      expect(answer.json()).toEqual({
        path: '/orders?n=1',
        type: 'multipart/form-data; boundary=x',
        body: body.toString('base64'),
      });
      expect((await open(sealedIn(page))).json()).toEqual({ error: 'form_not_sent', reason: 'sent' });
      expect(scene.application.requests.filter(({ method }) => method === 'POST')).toEqual([]);
    },
  );

  it('gives it once to many who ask at the same time, over all workers', async () => {
    const page = await post('a=1');
    await scene.signedIn();
    const answers = await Promise.all(Array.from({ length: 30 }, () => open(sealedIn(page))));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 403)).toHaveLength(29);
  });

  it('begins the sign-in that leads to the page which asks', async () => {
    const page = await post('a=1');
    const login = /data-login="([^"]+)"/.exec(page.text)?.[1];
    const back = await scene.agent.navigate(url(`${login}?return=%2F_oidc_return%23form`));
    expect([back.status, back.url, stepOf(back)]).toEqual([200, url('/_oidc_return'), 'return']);
    expect(back.trail.at(-2)?.url).toContain('/_codexch');
    expect(back.text).toContain('data-who="Alice Liddell');
    const script = await scene.agent.get(url('/_oidc_return?script'));
    expect([script.status, script.headers['content-type']]).toEqual([200, 'text/javascript; charset=utf-8']);
    expect(() => new Function(script.text)).not.toThrow();
  });

  it('says what is lost: too large, of another kind, switched off', async () => {
    const lost: [Answer, string][] = [
      [await post(Buffer.alloc(1_048_577), 'text/plain', '/large'), 'It is larger than 1048576 bytes'],
      [await post('{}', 'application/json'), 'It is of a kind that cannot be kept'],
      [await post('a', 'text/plainer'), 'It is of a kind that cannot be kept'],
      [await post('a=1', 'text/plain', '/off'), 'Forms are not kept on this site'],
      [await post('a=1', 'text/plain', `/${'x'.repeat(2001)}`), 'Its address cannot be kept'],
    ];
    for (const [page, why] of lost) {
      expect([page.status, page.setCookies, stepOf(page)]).toEqual([401, [], undefined]);
      expect(page.text).toContain('Your form was not sent');
      expect(page.text).toContain(why);
      expect(page.text).toContain('<a href="/form">Sign in</a>');
    }
    expect(scene.provider.requests('/token')).toEqual([]);
    expect(scene.site.nginx.errorLog()).toMatch(
      /form_not_kept ref=\w+ a form was sent without a session: it is longer than \$oidc_keep_post/,
    );
  });

  it('tells a script where to sign in, whatever it sends', async () => {
    for (const method of ['GET', 'POST', 'PUT']) {
      const answer = await scene.agent.xhr(url('/orders'), { method, ...(method === 'GET' ? {} : { body: 'a=1' }) });
      expect([answer.status, answer.json(), answer.setCookies]).toEqual([
        401,
        { error: 'login_required', sign_in: '/_oidc_login' },
        [],
      ]);
    }
    const curl = await scene.agent.get(url('/orders'), {
      method: 'POST',
      body: 'a=1',
      headers: { accept: '*/*', 'sec-fetch-mode': undefined },
    });
    expect(curl.json()).toEqual({ error: 'login_required', sign_in: '/_oidc_login' });
  });

  it('passes forms on untouched while the session lasts', async () => {
    await scene.signedIn();
    const body = randomBytes(20_000);
    const answer = scene.echo(await post(body, binary));
    expect([answer.method, answer.bodyBytes, answer.url]).toEqual(['POST', 20_000, '/orders?n=1']);
  });
});
