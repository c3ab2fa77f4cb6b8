import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';

import { chromiumPath, launchChromium } from '../support/chromium';
import { demoClient, type RunningProvider, startApplication, startProvider } from '../support/demo-parts';
import { freePort, onEachTarget, useNginx } from '../support/nginx';
import { type Site, startSite } from '../support/site';

const path = chromiumPath();

it.runIf(path === undefined)('needs Chromium: apt-get install chromium, or set CHROMIUM to its path', (test) => {
  test.skip();
});

if (path !== undefined) {
  onEachTarget('in Chromium', (nginx) => {
    useNginx();
    let browser: Browser;
    let context: BrowserContext;
    let provider: RunningProvider;
    let application: Awaited<ReturnType<typeof startApplication>>;
    let site: Site;

    beforeAll(async () => {
      browser = await launchChromium(path);
      const [port, applicationPort] = [await freePort(), await freePort()];
      application = await startApplication({ port: applicationPort });
      const client = demoClient(`http://127.0.0.1:${port}`);
      provider = await startProvider({ port: 0, clients: [client] });
      site = await startSite({
        nginx,
        port,
        issuer: provider.issuer,
        application: new URL(application.url).host,
        changes: { set: { oidc_client: client.client_id, oidc_client_secret: client.client_secret ?? '' } },
      });
    });
    afterAll(async () => {
      await browser.close();
      await provider.stop();
      await application.stop();
    });
    beforeEach(async () => {
      context = await browser.newContext();
    });
    afterEach(() => context.close());

    async function open(url: string): Promise<Page> {
      const page = await context.newPage();
      await page.goto(url);
      return page;
    }

    async function fillIn(page: Page): Promise<void> {
      await page.fill('input[name=login]', 'alice');
      await page.fill('input[name=password]', 'wonderland');
      await Promise.all([page.waitForURL(`${site.url}/**`), page.press('input[name=password]', 'Enter')]);
    }

    it('a person signs in, sees who they are, asks the API and signs out', async () => {
      const page = await open(`${site.url}/`);
      await fillIn(page);
      expect(await page.textContent('#email')).toContain('alice@');
      await page.click('#whoami');
      await page.locator('#whoami-answer', { hasText: 'alice' }).waitFor();
      await page.click('#sign-out');
      await page.waitForSelector('form button');
      await Promise.all([page.waitForURL('**/_logout**'), page.click('form button')]);
      expect(await page.textContent('main')).toContain('You are signed out');
      await page.goto(`${site.url}/`);
      expect(page.url()).toContain(new URL(provider.issuer).host);
    });

    it('a deep link with its query is where the person ends up', async () => {
      const page = await open(`${site.url}/reports/2026?team=blue&q=a%26b`);
      await fillIn(page);
      expect(page.url()).toBe(`${site.url}/reports/2026?team=blue&q=a%26b`);
    });

    it('three tabs opened at once can be finished in reverse order', async () => {
      const pages = await Promise.all([1, 2, 3].map((i) => open(`${site.url}/reports/tab-${i}?n=${i}`)));
      for (const [index, page] of [...pages.entries()].reverse()) {
        await fillIn(page);
        expect(page.url()).toBe(`${site.url}/reports/tab-${index + 1}?n=${index + 1}`);
      }
    });

    it('a page of ours breaks no rule of its Content-Security-Policy', async () => {
      const page = await context.newPage();
      const complaints: string[] = [];
      page.on('console', (message) => complaints.push(message.text()));
      await page.goto(`${site.url}/_logout`);
      expect(await page.evaluate("getComputedStyle(document.querySelector('.card')).borderRadius")).toBe('12px');
      expect(complaints).toEqual([]);
    });
  });
}
