import AxeBuilder from '@axe-core/playwright';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { chromiumPath, launchChromium } from '../support/chromium';
import { demoClient, type RunningProvider, startApplication, startProvider } from '../support/demo-parts';
import { freePort, onEachTarget, useNginx } from '../support/nginx';
import { startSiteWithProviders } from '../support/several-providers';
import type { Site } from '../support/site';

const path = chromiumPath();
const logo = `data:image/svg+xml;base64,${Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24"><circle cx="12" cy="12" r="10" fill="#06c"/></svg>').toString('base64')}`;

it.runIf(path === undefined)('needs Chromium: apt-get install chromium, or set CHROMIUM to its path', (test) => {
  test.skip();
});

if (path !== undefined) {
  onEachTarget('the page that lets people choose a provider, in Chromium', (nginx) => {
    useNginx();
    const parts = {} as {
      browser: Browser;
      acme: RunningProvider;
      globex: RunningProvider;
      application: Awaited<ReturnType<typeof startApplication>>;
    };
    let site: Site;
    let context: BrowserContext;

    beforeAll(async () => {
      const port = await freePort();
      const origin = `http://127.0.0.1:${port}`;
      const clientOf = (name: string) => ({ ...demoClient(origin), redirect_uris: [`${origin}/_codexch/${name}`] });
      const startOne = (name: string) => startProvider({ host: '127.0.0.1', port: 0, clients: [clientOf(name)] });
      [parts.browser, parts.acme, parts.globex, parts.application] = await Promise.all([
        launchChromium(path),
        startOne('acme'),
        startOne('globex'),
        startApplication({ host: '127.0.0.1', port: 0 }),
      ]);
      const client = { id: demoClient(origin).client_id, secret: demoClient(origin).client_secret };
      site = await startSiteWithProviders({
        nginx,
        port,
        application: new URL(parts.application.url).host,
        providers: {
          acme: { issuer: parts.acme.issuer, client, more: { provider_name: 'Acme Ltd', provider_logo: logo } },
          globex: {
            issuer: parts.globex.issuer,
            client,
            more: { provider_name: 'Globex', provider_domains: 'globex.example' },
          },
        },
      });
    });
    afterAll(() =>
      Promise.all([parts.browser.close(), parts.acme.stop(), parts.globex.stop(), parts.application.stop()]),
    );
    beforeEach(async () => {
      context = await parts.browser.newContext({ javaScriptEnabled: true });
    });
    afterEach(() => context.close());

    async function open(target: string, within = context): Promise<{ page: Page; complaints: string[] }> {
      const page = await within.newPage();
      const complaints: string[] = [];
      page.on('console', (message) => complaints.push(message.text()));
      await page.goto(site.url + target);
      return { page, complaints };
    }

    /** What has the focus: its role's element and its text or name. */
    const focused = (page: Page) =>
      page.evaluate(
        "(({ tagName, innerText, name }) => [tagName, innerText || name || ''].join(' '))(document.activeElement)",
      );

    async function tabTo(page: Page, wanted: string): Promise<void> {
      for (let i = 0; i < 10 && (await focused(page)) !== wanted; i++) await page.keyboard.press('Tab');
      expect(await focused(page)).toBe(wanted);
    }

    /** Signs in at the provider's form, which has the focus where a person begins to type. */
    async function signIn(page: Page): Promise<void> {
      await page.fill('input[name=login]', 'alice');
      await page.fill('input[name=password]', 'wonderland');
      await Promise.all([page.waitForURL(`${site.url}/**`), page.press('input[name=password]', 'Enter')]);
    }

    it('is used with the keyboard alone, and leads to the page that was wanted', async () => {
      const { page } = await open('/reports/2026?team=blue');
      await tabTo(page, 'A Acme Ltd');
      await Promise.all([page.waitForURL(`${parts.acme.issuer}/**`), page.keyboard.press('Enter')]);
      await signIn(page);
      expect(page.url()).toBe(`${site.url}/reports/2026?team=blue`);
      const next = await context.newPage();
      await next.goto(`${site.url}/_oidc_login?return=/`); // remembered, and signed in
      expect(next.url()).toBe(`${site.url}/`);
      expect(await next.textContent('#email')).toContain('alice@');
    });

    it('the form takes an e-mail address with the keyboard alone, and leads to its provider', async () => {
      const { page, complaints } = await open('/reports/2026');
      await tabTo(page, 'INPUT email');
      await page.keyboard.type('alice@globex.example');
      await Promise.all([page.waitForURL(`${parts.globex.issuer}/**`), page.keyboard.press('Enter')]);
      expect(await page.inputValue('input[name=login]')).toBe('alice@globex.example');
      await signIn(page);
      expect(page.url()).toBe(`${site.url}/reports/2026`);
      expect(complaints.filter((text) => /Content.Security.Policy/i.test(text))).toEqual([]);
    });

    it('says what was wrong with an address where a screen reader looks for it', async () => {
      const { page } = await open('/');
      await page.fill('#email', 'eve@evil.example');
      await Promise.all([page.waitForURL('**/_oidc_login'), page.press('#email', 'Enter')]);
      const field = page.locator('#email');
      expect(await field.getAttribute('aria-invalid')).toBe('true');
      expect(await page.textContent(`#${await field.getAttribute('aria-describedby')}`)).toContain('evil.example');
      expect(await field.inputValue()).toBe('eve@evil.example');
    });

    it('a form of ours that leads to the provider gets there: signing out everywhere', async () => {
      const { page } = await open('/_oidc_login/acme?return=/');
      await signIn(page);
      await page.goto(`${site.url}/logout?everywhere=1`);
      await Promise.all([page.waitForURL(`${parts.acme.issuer}/**`), page.click('text=Sign out everywhere')]);
    });

    it.each(['light', 'dark'] as const)('has no barrier that axe finds, in %s colours', async (colorScheme) => {
      const themed = await parts.browser.newContext({ colorScheme });
      for (const target of ['/reports', '/_oidc_login?return=/x', '/_logout']) {
        const { page, complaints } = await open(target, themed);
        const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
        expect(violations.map(({ id, nodes }) => `${target} ${id}: ${nodes.map(({ html }) => html)}`)).toEqual([]);
        expect(complaints.filter((text) => !/401|favicon/.test(text))).toEqual([]);
      }
      await themed.close();
    });

    it('works without scripts, and shows the logo', async () => {
      const plain = await parts.browser.newContext({ javaScriptEnabled: false });
      const { page } = await open('/reports', plain);
      expect(await page.evaluate("document.querySelector('li img').naturalWidth")).toBe(24);
      await Promise.all([page.waitForURL(`${parts.acme.issuer}/**`), page.click('text=Acme Ltd')]);
      await plain.close();
    });
  });
}
