import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { createAgent, signIn } from '../support/agent';
import { chromiumPath, launchChromium } from '../support/chromium';
import { freePorts } from '../support/free-port';
import { type Compose, startCompose } from './compose';
import { nodeImage } from './images';
import { engineOf } from './parts';

const [image] = inject('siteImages').slice(-1);
if (!image) throw new Error('there is no image to test');

describe.each([
  ['docker-compose.yml', ['docker-compose.yml']],
  ['docker-compose.dev.yml on top', ['docker-compose.yml', 'docker-compose.dev.yml']],
])(`%s with ${image.base}`, (_name, files) => {
  let compose: Compose;
  let url: string;

  beforeAll(async () => {
    const [port = 0, provider = 0] = await freePorts(2);
    url = `http://127.0.0.1:${port}`;
    compose = await startCompose(files, {
      NODE_IMAGE: nodeImage(),
      NGINX_IMAGE: image.base,
      SITE_IMAGE: 'oidc-test/compose-site',
      DEMO_IMAGE: 'oidc-test/compose-demo',
      SITE_PORT: String(port),
      PROVIDER_PORT: String(provider),
      OIDC_JS_ENGINE: engineOf(image),
    });
    const discovery = `http://127.0.0.1:${provider}/.well-known/openid-configuration`;
    const isUp = async () => (await fetch(discovery).catch(() => undefined))?.ok;
    await vi.waitUntil(isUp, { timeout: 30_000, interval: 200 });
  });
  afterAll(() => compose?.stop());

  it('a person signs in as alice and arrives where they wanted to go', async () => {
    const agent = createAgent();
    // The application comes up after the provider.
    const arrive = async () => {
      const page = await signIn(agent, `${url}/reports/2026?team=blue`).catch(() => undefined);
      return [page?.status, page?.url];
    };
    await expect.poll(arrive, { timeout: 30_000 }).toEqual([200, `${url}/reports/2026?team=blue`]);
    expect((await agent.xhr(`${url}/api/whoami`)).json()).toMatchObject({ username: 'alice' });
    await agent.close();
  });

  const chromium = chromiumPath();
  it.skipIf(chromium === undefined)('in Chromium, too', async () => {
    const browser = await launchChromium(chromium ?? '');
    try {
      const page = await browser.newPage();
      await page.goto(`${url}/`);
      await page.fill('input[name=login]', 'alice');
      await page.fill('input[name=password]', 'wonderland');
      await Promise.all([page.waitForURL(`${url}/**`), page.press('input[name=password]', 'Enter')]);
      expect(await page.textContent('#email')).toContain('alice@');
    } finally {
      await browser.close();
    }
  });

  it.runIf(files.length > 1)('a change of src/ reaches NGINX without a restart', async () => {
    const text = async () => (await fetch(`${url}/_logout`)).text();
    expect(await text()).toContain('<a href="/">');
    const source = join(compose.folder, 'src/handlers/logged-out.ts');
    writeFileSync(source, readFileSync(source, 'utf8').replace("href: '/'", "href: '/?changed'"));
    await expect.poll(text, { timeout: 40_000, interval: 300 }).toContain('<a href="/?changed">');
    expect(await compose.run('logs', 'nginx')).toContain('reconfiguring');
  });
});
