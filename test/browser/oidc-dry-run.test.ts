import AxeBuilder from '@axe-core/playwright';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { chromiumPath, launchChromium } from '../support/chromium';
import { demoClient, type RunningProvider, startApplication, startProvider } from '../support/demo-parts';
import { freePort, onEachTarget, useNginx } from '../support/nginx';
import { type Site, startSite } from '../support/site';
import { withLocation } from '../support/uncommented';

const path = chromiumPath();

it.runIf(path === undefined)('needs Chromium: apt-get install chromium, or set CHROMIUM to its path', (test) => {
  test.skip();
});

if (path !== undefined) {
  onEachTarget('a dry run in Chromium', (nginx) => {
    useNginx();
    let browser: Browser;
    let provider: RunningProvider;
    let application: Awaited<ReturnType<typeof startApplication>>;
    let site: Site;

    beforeAll(async () => {
      browser = await launchChromium(path);
      const port = await freePort();
      application = await startApplication({ port: await freePort() });
      const client = demoClient(`http://127.0.0.1:${port}`);
      provider = await startProvider({ port: 0, clients: [client] });
      site = await startSite({
        nginx,
        port,
        issuer: provider.issuer,
        application: new URL(application.url).host,
        changes: { set: { oidc_client: client.client_id, oidc_client_secret: client.client_secret ?? '' } },
        editServer: (conf) => withLocation(conf, 'location = /_oidc_dry_run'),
      });
    });
    afterAll(async () => {
      await browser.close();
      await provider.stop();
      await application.stop();
    });

    it.each(['light', 'dark'] as const)('shows each step without a script, in %s colours', async (colorScheme) => {
      const context = await browser.newContext({ colorScheme, javaScriptEnabled: false });
      const checked = await browser.newContext({ colorScheme });
      const page = await context.newPage();
      await page.goto(`${site.url}/_oidc_dry_run`);
      await page.fill('input[name=path]', '/reports?x=1');
      await page.click('button');
      await page.fill('input[name=login]', 'alice');
      await page.fill('input[name=password]', 'wonderland');
      await page.press('input[name=password]', 'Enter');
      await page.click('text=Show each step');
      expect(await page.locator('h1').innerText()).toBe('Dry run: the sign-in works');
      expect(await page.locator('main').innerText()).toContain('alice@example.com');
      expect((await context.cookies()).map(({ name }) => name).filter((name) => /auth_token/.test(name))).toEqual([]);
      const picture = process.env.OIDC_SCREENSHOTS;
      if (picture) await page.screenshot({ path: `${picture}/dry-run-${colorScheme}.png`, fullPage: true });
      // axe is a script: the same page in a browser that runs them.
      const copy = await checked.newPage();
      await copy.setContent(await page.content());
      const { violations } = await new AxeBuilder({ page: copy }).setLegacyMode().analyze();
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html)}`)).toEqual([]);
      await context.close();
      await checked.close();
    });
  });
}
