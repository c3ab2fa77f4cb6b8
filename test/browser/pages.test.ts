import AxeBuilder from '@axe-core/playwright';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { chromiumPath, launchChromium } from '../support/chromium';
import { type EchoApplication, startEchoApplication } from '../support/echo-application';
import { onEachTarget, useNginx } from '../support/nginx';
import { textsIn } from '../support/page-frame';
import { startSiteWithProviders } from '../support/several-providers';
import type { Site } from '../support/site';

const path = chromiumPath();
const languages = ['en', 'de', 'fr', 'es', 'ja', 'pt', 'zh-Hans'];
const logo = `data:image/svg+xml;base64,${Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="96" height="24"><rect width="96" height="24" fill="#06c"/></svg>').toString('base64')}`;
/** An error, the two of a sign-out, the list of providers, the same with a mistake, and two that the script makes. */
const pages: Record<string, string> = {
  '/_codexch/acme?state=x&code=y': 'Please sign in again',
  '/logout?everywhere=1': 'Sign out?',
  '/_logout': 'Signed out',
  '/_oidc_login?return=/': 'Sign in',
  '/_oidc_return': 'You are not signed in',
  '/_oidc_return#form': 'Your form was not sent',
};

it.runIf(path === undefined)('needs Chromium: apt-get install chromium, or set CHROMIUM to its path', (test) => {
  test.skip();
});

if (path !== undefined) {
  onEachTarget('the pages in Chromium', (nginx) => {
    useNginx();
    let browser: Browser;
    let application: EchoApplication;
    let site: Site;

    beforeAll(async () => {
      browser = await launchChromium(path);
      application = await startEchoApplication();
      const named = (name: string, more: Record<string, string>) => ({
        issuer: `https://${name}.example`,
        client: { id: name, secret: 'a-secret-of-a-test' },
        more: { provider_name: name, ...more },
      });
      site = await startSiteWithProviders({
        nginx,
        application: application.address,
        providers: { acme: named('Acme', {}), globex: named('Globex', { provider_domains: 'globex.example' }) },
        changes: {
          alsoSet: {
            oidc_page_name: 'Acme Intranet',
            oidc_page_logo: '/public/logo.svg',
            oidc_page_style: '/public/own.css',
            oidc_page_color: '#ffd400',
            oidc_page_contact: 'Help desk <mailto:help@example.com>',
          },
        },
        files: { 'public/own.css': 'h1{letter-spacing:3px}', 'public/logo.svg': atob(logo.slice(26)) },
        editServer: (conf) =>
          `${conf}\nlocation /public/ { auth_request off; root .; types { text/css css; image/svg+xml svg; } }\n`,
      });
    });
    afterAll(async () => {
      await browser.close();
      await application.stop();
    });

    const contextIn = (locale: string, more: Parameters<Browser['newContext']>[0] = {}) =>
      browser.newContext({ locale, ...more });
    async function open(context: BrowserContext, target: string): Promise<{ page: Page; complaints: string[] }> {
      const page = await context.newPage();
      const complaints: string[] = [];
      page.on('console', (message) => complaints.push(message.text()));
      await page.goto(site.url + target);
      return { page, complaints };
    }
    const titleIn = (language: string, title: string) => {
      const { pages: ours, script } = textsIn(language);
      return ours[title] ?? script[title] ?? '?';
    };

    it.each(languages.flatMap((language) => [[language, 'light'] as const, [language, 'dark'] as const]))(
      'have no barrier that axe finds, in %s and %s colours, and say which language it is',
      async (language, colorScheme) => {
        const context = await contextIn(language, { colorScheme });
        for (const [target, title] of Object.entries(pages)) {
          const { page, complaints } = await open(context, target);
          const heading = page.locator('h1', { hasText: titleIn(language, title) });
          await heading.waitFor();
          expect(await page.getAttribute('html', 'lang')).toBe(language);
          expect(await page.title()).toBe(`${titleIn(language, title)} – Acme Intranet`);
          const axe = new AxeBuilder({ page }).options({ rules: { 'target-size': { enabled: true } } });
          const { violations, passes } = await axe.setLegacyMode().analyze();
          expect(violations.map(({ id, nodes }) => `${target} ${id}: ${nodes.map(({ html }) => html)}`)).toEqual([]);
          expect(passes.map(({ id }) => id)).toEqual(
            expect.arrayContaining(['color-contrast', 'html-lang-valid', 'target-size']),
          );
          expect(complaints.filter((text) => !/40\d \(|favicon/.test(text))).toEqual([]);
          await page.close();
        }
        await context.close();
      },
    );

    it.each(languages)('fit a screen of 320 pixels in %s, which is a usual one at 400 %%', async (language) => {
      const context = await contextIn(language, { viewport: { width: 320, height: 568 } });
      for (const target of Object.keys(pages)) {
        const { page } = await open(context, target);
        await page.waitForSelector('h1');
        expect(await page.evaluate('document.documentElement.scrollWidth'), target).toBeLessThanOrEqual(320);
        await page.close();
      }
      await context.close();
    });

    it("have the operator's colour, logo and style sheet, under the policy of the page", async () => {
      const context = await contextIn('en');
      const { page, complaints } = await open(context, '/_logout');
      const style = (selector: string, property: string) =>
        page.evaluate(`getComputedStyle(document.querySelector('${selector}')).${property}`);
      expect(await style('.actions a', 'backgroundColor')).toBe('rgb(255, 212, 0)');
      expect(await style('.actions a', 'color')).toBe('rgb(0, 0, 0)');
      expect(await style('h1', 'letterSpacing')).toBe('3px');
      expect(await page.evaluate("document.querySelector('header img').naturalWidth")).toBe(96);
      expect(complaints.filter((text) => !/favicon|40\d/.test(text))).toEqual([]);
      const blocked = await page.evaluate(`new Promise((done) => {
        document.addEventListener('securitypolicyviolation', (event) => done(event.effectiveDirective));
        document.body.append(Object.assign(document.createElement('script'), { textContent: 'document.title = "owned"' }));
      })`);
      expect(blocked).toBe('script-src-elem');
      await context.close();
    });

    it('are used with the keyboard: what has the focus can be seen, and the first is what most people want', async () => {
      const context = await contextIn('de');
      const { page } = await open(context, '/logout?everywhere=1');
      const focused = () =>
        page.evaluate(
          '(({ innerText }, { outlineStyle, outlineWidth }) => [innerText, outlineStyle, outlineWidth].join())' +
            '(document.activeElement, getComputedStyle(document.activeElement))',
        );
      const seen = [];
      for (let i = 0; i < 3; i++) {
        await page.keyboard.press('Tab');
        seen.push(await focused());
      }
      expect(seen).toEqual(['Abmelden,solid,3px', 'Überall abmelden,solid,3px', 'Help desk,solid,3px']);
      await context.close();
    });
  });
}
