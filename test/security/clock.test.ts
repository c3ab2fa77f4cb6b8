import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, it } from 'vitest';
import { faketime } from '../support/faketime';
import { onEachTarget } from '../support/nginx';
import { useScene } from './site';

onEachTarget('a clock that jumps', (nginx) => {
  if (!faketime || nginx.image) {
    it.todo('a clock that jumps lets nobody in and keeps nobody for longer — needs libfaketime (Debian: libfaketime)');
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), 'clock-'));
  const file = join(folder, 'offset');
  const jump = (seconds: number) => writeFileSync(file, `${seconds < 0 ? '' : '+'}${seconds}\n`);
  jump(0);
  afterAll(() => rmSync(folder, { recursive: true }));
  afterEach(() => jump(0));

  const scene = useScene(nginx, {
    workers: 2,
    env: {
      LD_PRELOAD: faketime,
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    },
  });
  const status = async () => (await scene.agent.xhr(`${scene.site.url}/`)).status;

  it('ahead by more than a session lasts ends it, and a sign-in is refused as long as the clocks differ', async () => {
    const { site, application } = scene;
    await scene.signedIn();
    expect(await status()).toBe(200);
    jump(9 * 3600);
    expect(await status()).toBe(401);
    site.nginx.expectLog(/id_token_invalid .*(expired|clock)/);
    const served = application.requests.length;
    const page = await scene.browser().navigate(`${site.url}/`);
    expect(page.status).toBe(403);
    expect(site.nginx.errorLog()).toContain('$oidc_clock_skew');
    expect(application.requests).toHaveLength(served);
    jump(0);
    await scene.signedIn(scene.browser());
  });

  it('ahead by half an hour ends no session whose times are not over', async () => {
    await scene.signedIn();
    scene.provider.does.idTokenLifetime = 7200;
    jump(1800);
    expect(await status()).toBe(200);
    jump(0);
    expect(await status()).toBe(200);
  });

  it('back by two hours ends no session, prolongs none beyond its end, and refuses ID tokens from the future', async () => {
    const { site } = scene;
    await scene.signedIn();
    jump(-7200);
    expect(await status()).toBe(200);
    site.nginx.expectLog(/id_token_invalid .*(iat|future|clock)/);
    expect((await scene.browser().navigate(`${site.url}/`)).status).toBe(403);
    jump(0);
    expect(await status()).toBe(200);
    await scene.signedIn(scene.browser());
    jump(8 * 3600 + 60);
    expect(await status()).toBe(401);
  });
});
