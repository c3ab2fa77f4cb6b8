import { expect, it } from 'vitest';
import { onEachTarget } from '../support/nginx';
import { callbackFor, useScene } from './site';

const now = () => Math.floor(Date.now() / 1000);
const location = (path: string, demands: string) => `location ${path} {
  ${demands} auth_request /_oidc_auth; error_page 401 = @do_oidc_flow; proxy_pass http://my_backend;
}\n`;

onEachTarget('what a location demands', (nginx) => {
  const locations = [
    location('/admin/', 'set $oidc_require "groups any admins";'),
    location('/staff/', 'set $oidc_require "groups any staff";'),
    location('/mfa/', 'set $oidc_acr_values mfa;'),
    location('/recent/', 'set $oidc_max_age 100;'),
  ].join('');
  const scene = useScene(nginx, {
    editFrontend: (conf) => conf.replace(/\n {4}location \/ \{/, `\n${locations}    location / {`),
  });
  const be = (claims: Record<string, unknown>) => {
    scene.provider.does.user = { sub: 'alice', ...claims };
  };
  const reached = () => scene.application.requests.map(({ url }) => url).filter((url) => url !== '/');
  const at = (path: string) => scene.site.url + path;

  it('U17 is asked for with every method and spelling of the path, and never of the application', async () => {
    be({ groups: ['staff'] });
    await scene.signedIn();
    for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']) {
      expect([method, (await scene.agent.xhr(at('/admin/x'), { method })).status]).toEqual([method, 403]);
    }
    for (const target of [
      '//admin/x',
      '/%61dmin/x',
      '/./admin/x',
      '/y/../admin/x',
      '/admin/%2e%2e/admin/',
      '/admin//',
    ]) {
      expect([target, (await scene.agent.xhr(at('/'), { target })).status]).toEqual([target, 403]);
    }
    expect(reached()).toEqual([]);
  });

  it('U17 cannot be changed, or met, by headers, cookies or parameters of the request', async () => {
    be({ groups: ['staff'] });
    await scene.signedIn();
    const mine = [...(await scene.agent.cookies(at('/')))].map(({ key, value }) => `${key}=${value}`).join('; ');
    const forged = [
      { 'oidc-site': 'http x\t\t\t\t .', 'oidc-require': 'sub exists', 'oidc-demands': '\t\t' },
      { groups: 'admins', 'x-groups': 'admins', oidc_claim_groups: 'admins', 'oidc-claim-groups': 'admins' },
      { cookie: `${mine}; groups=admins; oidc_require=; oidc_demands=` },
      { cookie: `oidc_claim_groups=admins; ${mine}` },
      { 'x-original-uri': '/staff/', 'x-rewrite-url': '/staff/', 'x-forwarded-prefix': '/staff' },
    ];
    for (const headers of forged) expect((await scene.agent.xhr(at('/admin/'), { headers })).status).toBe(403);
    const query = '?oidc_require=&oidc_demands=%09%09&require=sub+exists&return=/admin/&groups=admins';
    expect((await scene.agent.xhr(at(`/admin/${query}`))).status).toBe(403);
    expect((await scene.agent.xhr(at('/staff/'))).status).toBe(200);
    expect(reached()).toEqual(['/staff/']);
  });

  it('U17 is not met by what the gate keeps of another person, another browser, or the same person with more', async () => {
    be({ groups: ['admins', 'staff'] });
    const admin = scene.browser();
    await scene.signedIn(admin);
    be({ groups: ['staff'] });
    await scene.signedIn();
    for (let round = 0; round < 6; round++) {
      expect((await admin.xhr(at('/admin/'))).status).toBe(200);
      expect((await scene.agent.xhr(at('/admin/'))).status).toBe(403);
      expect((await scene.agent.xhr(at('/staff/'))).status).toBe(200);
    }
    await admin.navigate(at('/logout'));
    expect((await admin.xhr(at('/admin/'))).status).toBe(401);
  });

  it('U17 is not met by a token that is not the one of the session', async () => {
    const known = new Set((await scene.store()).map(([key]) => key));
    be({ groups: ['admins'] });
    await scene.signedIn(scene.browser());
    be({ groups: ['staff'] });
    await scene.signedIn();
    const records = (await scene.store()).filter(([key]) => key.startsWith('s:') && !known.has(key));
    const [one, other] = records.map(([key, text]) => ({ key, lines: String(text).split('\n') }));
    if (!one || !other) throw new Error('there are not two sessions');
    const setOf = ({ lines }: typeof one) => lines[1]?.split(' ')[6] ?? '';
    // whoever writes to the zone puts each one's set of tokens into the other's record
    const exchanged = (record: typeof one, by: typeof one) =>
      record.lines.join('\n').replaceAll(setOf(record), setOf(by));
    await scene.plant(one.key, exchanged(one, other));
    await scene.plant(other.key, exchanged(other, one));
    expect((await scene.agent.xhr(at('/admin/'))).status).toBe(401);
    expect((await scene.agent.xhr(at('/staff/'))).status).toBe(401);
    expect(reached()).toEqual([]);
  });

  it('U2 of a sign-in belongs to the login that asked: a callback of another login does not answer it', async () => {
    scene.provider.does.idToken = (claims) => ({ ...claims, acr: 'pwd', auth_time: now() - 5000 });
    await scene.signedIn();
    for (const path of ['/mfa/', '/recent/']) {
      const own = await callbackFor(scene, scene.agent, path);
      const other = await callbackFor(scene, scene.browser(), '/');
      own.searchParams.set('state', other.searchParams.get('state') ?? '');
      expect(
        (await scene.agent.get(own.href)).headers.location,
        'somebody who is signed in goes to the front page',
      ).toBe('/');
      const plain = await callbackFor(scene, scene.browser(), '/');
      expect((await scene.agent.navigate(plain.href)).status).toBe(200);
      expect((await scene.agent.xhr(at(path))).status).toBe(401);
    }
    expect(reached()).toEqual([]);
  });

  it('U17 of a sign-in is asked of the answer, whatever the address of the request to the provider was made to say', async () => {
    scene.provider.does.idToken = (claims) => ({ ...claims, acr: 'pwd', auth_time: now() - 5000 });
    await scene.signedIn();
    for (const path of ['/mfa/', '/recent/']) {
      const login = await scene.agent.get(at(path));
      const request = new URL(String(login.headers.location));
      for (const name of ['acr_values', 'max_age', 'prompt']) request.searchParams.delete(name);
      expect((await scene.agent.navigate(request.href)).status).toBe(403);
      expect((await scene.agent.xhr(at(path))).status).toBe(401);
    }
    expect(reached()).toEqual([]);
  });

  it('U17 of a sign-in leads to the provider once for each page that is opened, never in circles', async () => {
    scene.provider.does.idToken = (claims) => ({ ...claims, acr: 'pwd' });
    const page = await scene.agent.navigate(at('/mfa/'));
    expect([page.status, page.trail.length]).toEqual([403, 3]);
    expect(scene.provider.requests('/authorize')).toHaveLength(1);
    for (let times = 0; times < 8; times++) await scene.agent.navigate(at('/mfa/'));
    expect((await scene.agent.navigate(at('/mfa/'))).status).toBe(429);
  });
});
