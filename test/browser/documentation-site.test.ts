import { readdirSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { chromiumPath, launchChromium } from '../support/chromium';
import { type DocumentationSite, startDocumentationSite } from '../support/documentation-site';

/** What people ask in the issues of other gateways, in plain words, and where the answer stands. */
const questions: [question: string, answers: string[]][] = [
  ['why do I get a redirect loop after login', ['troubleshooting.html#the-browser-goes-round-in-circles']],
  ['callback error: no session state found', ['faq.html#the-callback-says', 'troubleshooting.html#error-codes']],
  ['how to limit access by keycloak role or group', ['faq.html#how-do-i-limit', 'recipes.html#only-admins']],
  ['ajax call gets a CORS error when the session has expired', ['faq.html#ajax', 'forms-and-scripts.html#scripts']],
  ['user is signed in again automatically after logout', ['troubleshooting.html#signed-out', 'faq.html#logout']],
  ['how do I pass the bearer token to the backend', ['faq.html#how-do-i-pass-the-access-token']],
  ['skip authentication for a health check url', ['faq.html#how-do-i-skip', 'recipes.html#a-folder-without-sign-in']],
  [
    'does a websocket stay open after the session expires',
    ['sign-out.html#what-is-open-stays-open', 'faq.html#what-happens-to-a-websocket'],
  ],
  ['redirect_uri is http instead of https behind a load balancer', ['faq.html#the-redirect-uri-has-http']],
  ['refresh token rotation with several parallel requests', ['faq.html#many-parallel', 'architecture.html#renewal']],
  ['400 request header or cookie too large', ['troubleshooting.html#too-large', 'faq.html#400']],
  ['keycloak has a self-signed certificate', ['faq.html#the-provider-has-a-self-signed']],
  ['every subdomain asks me to log in again', ['faq.html#every-subdomain', 'recipes.html#two-sub-domains']],
  ['POST data is lost after a session timeout', ['forms-and-scripts.html#a-form', 'faq.html#does-a-form-get-lost']],
];

const path = chromiumPath();
let site: DocumentationSite;
beforeAll(async () => {
  site = await startDocumentationSite();
}, 120_000);
afterAll(() => site?.stop());

describe('the documentation site', () => {
  it('has every link and picture that it names, to the place on the page', () => {
    const pages = readdirSync(site.folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.html'),
    );
    const files = new Set(readdirSync(site.folder, { recursive: true, encoding: 'utf8' }));
    const html = Object.fromEntries(pages.map((name) => [name, readFileSync(`${site.folder}/${name}`, 'utf8')]));
    const missing = pages.flatMap((name) => {
      const links = [...(html[name] ?? '').matchAll(/\s(?:href|src)="([^"]+)"/g)].map(([, link = '']) => link);
      return links
        .filter((link) => !leadsSomewhere(name, link.replaceAll('&amp;', '&'), files, html))
        .map((link) => `${name}: ${link}`);
    });
    expect(pages.length).toBeGreaterThan(40);
    expect(missing).toEqual([]);
  });

  it('asks nobody else for anything: no fonts, no scripts, no counting', () => {
    const assets = readdirSync(site.folder, { recursive: true, encoding: 'utf8' });
    const text = (name: string) => readFileSync(`${site.folder}/${name}`, 'utf8');
    expect(assets.filter((name) => /\.(?:woff2?|ttf|otf)$/.test(name))).toEqual([]);
    for (const name of assets.filter((one) => one.endsWith('.html'))) {
      expect(
        text(name).match(/<(?:script|link|img|iframe)\b[^>]*(?:src|href)="(?:https?:)?\/\/[^"]*"/g) ?? [],
        name,
      ).toEqual([]);
    }
    for (const name of assets.filter((one) => one.endsWith('.css'))) {
      expect(text(name).match(/url\(["']?(?:https?:)?\/\/|@import/g) ?? [], name).toEqual([]);
    }
  });
});

it.runIf(path === undefined)('needs Chromium: apt-get install chromium, or set CHROMIUM to its path', (test) => {
  test.skip();
});

if (path !== undefined) {
  describe('the documentation site in Chromium', () => {
    let browser: Browser;
    let context: BrowserContext;
    let elsewhere: string[];
    let mistakes: string[];
    beforeAll(async () => {
      browser = await launchChromium(path);
    });
    afterAll(() => browser.close());
    beforeEach(() => use({ viewport: { width: 1280, height: 900 } }));
    afterEach(async () => {
      await context.close();
      expect(elsewhere, 'requests to other machines').toEqual([]);
      expect(mistakes, 'errors in the console').toEqual([]);
    });

    async function use(options: Parameters<Browser['newContext']>[0]): Promise<void> {
      await context?.close();
      [elsewhere, mistakes] = [[], []];
      context = await browser.newContext({ ...options, permissions: ['clipboard-read', 'clipboard-write'] });
      context.on('request', (request) => {
        if (!/^(?:data|blob|file):/.test(request.url()) && !request.url().startsWith(site.url))
          elsewhere.push(request.url());
      });
      context.on('console', (message) => {
        if (message.type() === 'error') mistakes.push(message.text());
      });
      context.on('weberror', (error) => mistakes.push(error.error().message));
    }

    async function open(name: string): Promise<Page> {
      const page = await context.newPage();
      await page.goto(`${site.url}/${name}`);
      await page.locator('.VPNavBarSearch button').first().waitFor();
      return page;
    }

    async function accessible(page: Page): Promise<void> {
      const { violations } = await new AxeBuilder({ page }).include('main, .VPHome, .VPDoc').analyze();
      expect(
        violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`),
      ).toEqual([]);
    }

    it('finds the answers to questions that people ask', async () => {
      const page = await open('');
      await page.keyboard.press('Control+k');
      const field = page.locator('#localsearch-input');
      for (const [question, answers] of questions) {
        await field.fill(question);
        const first = page.locator('.VPLocalSearchBox a.result');
        const hits = async () =>
          (await first.evaluateAll((links) => links.map((link) => link.getAttribute('href') ?? ''))).slice(0, 3);
        const isThere = async () => {
          const found = await hits();
          return answers.some((answer) => found.some((hit) => hit.startsWith(`/${answer}`)));
        };
        await expect.poll(isThere, { message: question, timeout: 5000 }).toBe(true);
      }
      await field.fill('$oidc_require');
      await page.locator('.VPLocalSearchBox a.result[href*="/settings/rules-for-locations.html"]').first().waitFor();
      await page.keyboard.press('Enter');
      await page.waitForURL('**/settings/rules-for-locations.html#oidc_require');
    });

    it.each(['light', 'dark'] as const)('can be read by everybody (%s)', async (colorScheme) => {
      await use({ colorScheme, viewport: { width: 1280, height: 900 } });
      for (const name of ['', 'helper.html', 'how-it-works.html', 'settings/sessions.html']) {
        await accessible(await open(name));
      }
    });

    it('fits a phone', async () => {
      await use({ viewport: { width: 360, height: 740 } });
      for (const name of ['', 'helper.html', 'recipes.html', 'troubleshooting.html', 'how-it-works.html']) {
        const page = await open(name);
        expect(await page.evaluate<number>('document.documentElement.scrollWidth'), name).toBeLessThanOrEqual(360);
      }
    });

    it('the helper makes lines of what is chosen, with a key of its own, and copies them', async () => {
      const page = await open('helper.html');
      const lines = page.getByRole('region', { name: 'Lines of conf.d/frontend.conf' });
      const key = await page.getByLabel('Key of the site').inputValue();
      expect(key).toMatch(/^[0-9a-f]{64}$/);
      await expect.poll(() => lines.innerText()).toContain(`set $oidc_hmac_key "${key}";`);

      await page.getByLabel('Provider', { exact: true }).selectOption('Keycloak');
      await page.getByLabel('Issuer').fill('https://sso.example.net/realms/office');
      await page.getByLabel('NGINX from').selectOption('Packages of nginx.org');
      await page.getByLabel('Only certain groups').check();
      await page.getByLabel('Groups', { exact: true }).fill('editors');
      await page.getByLabel('Sign-out everywhere').check();
      await expect.poll(() => lines.innerText()).toContain('set $oidc_require "groups any editors";');
      expect(await page.getByRole('region', { name: 'Lines of nginx.conf' }).innerText()).toContain('load_module');
      expect(await page.locator('.helper-answer dl').innerText()).toContain(
        'https://app.example.com/back_channel_logout',
      );

      await page.getByRole('button', { name: 'Copy conf.d/frontend.conf' }).click();
      await page.getByRole('status').filter({ hasText: 'Copied' }).waitFor();
      const copied = await page.evaluate<string>('navigator.clipboard.readText()');
      expect(copied).toContain('set $oidc_issuer "https://sso.example.net/realms/office";');
      const saving = page.waitForEvent('download');
      await page.getByRole('button', { name: 'Download conf.d/frontend.conf' }).click();
      const saved = await saving;
      expect([saved.suggestedFilename(), readFileSync(await saved.path(), 'utf8')]).toEqual(['frontend.conf', copied]);

      await page.getByRole('button', { name: 'New' }).click();
      await expect.poll(() => lines.innerText()).not.toContain(key);
    });

    it('the helper says what is wrong, and shows no lines meanwhile', async () => {
      const page = await open('helper.html');
      await page.getByLabel('Client secret').fill('pa$$word');
      await page.getByText('NGINX takes $ for the beginning of a variable').waitFor();
      expect(await page.getByLabel('Client secret').getAttribute('aria-invalid')).toBe('true');
      expect(await page.locator('.helper-answer').count()).toBe(0);
      await accessible(page);
      await page.getByLabel('Client secret').fill('');
      await page.locator('.helper-answer').waitFor();
    });

    it('the helper works as one file from a disk, which can send nothing', async () => {
      const page = await context.newPage();
      await page.goto(`file://${site.folder}/configuration-helper.html`);
      await page.getByLabel('Provider', { exact: true }).selectOption('Keycloak');
      const lines = page.getByRole('region', { name: 'Lines of conf.d/frontend.conf' });
      await expect
        .poll(() => lines.innerText())
        .toContain('set $oidc_issuer "https://keycloak.example.com/realms/staff";');
      const saving = page.waitForEvent('download');
      await page.getByRole('button', { name: 'Download conf.d/frontend.conf' }).click();
      expect(readFileSync(await (await saving).path(), 'utf8')).toMatch(/set \$oidc_hmac_key "[0-9a-f]{64}";/);
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(violations.map(({ id }) => id)).toEqual([]);
      expect(mistakes, 'before anything is forbidden').toEqual([]);
      expect(await page.evaluate(`fetch('${site.url}/').then(() => 'sent', () => 'kept')`)).toBe('kept');
      expect(mistakes.splice(0).join()).toMatch(/Content Security Policy/);
    });

    it('the helper works by the keyboard alone', async () => {
      const page = await open('helper.html');
      await page.getByLabel('Provider', { exact: true }).focus();
      await page.keyboard.type('Okta');
      for (const _next of ['its page', 'issuer', 'client']) await page.keyboard.press('Tab');
      await page.keyboard.type('okta-client');
      const lines = page.getByRole('region', { name: 'Lines of conf.d/frontend.conf' });
      await expect.poll(() => lines.innerText()).toContain('set $oidc_client "okta-client";');
      expect(await lines.innerText()).toContain('set $oidc_issuer "https://dev-123456.okta.com";');
      await page.getByLabel('Pass the access token').focus();
      await page.keyboard.press('Space');
      await expect.poll(() => lines.innerText()).toContain('proxy_set_header Authorization "Bearer $access_token";');
    });
  });
}

/** Whether a link of the built page leads to a file of the site, and to a place that is there; other addresses only need to be some. */
function leadsSomewhere(from: string, link: string, files: Set<string>, html: Record<string, string>): boolean {
  if (/^(?:https?|mailto):/.test(link)) return URL.canParse(link);
  if (link.startsWith('data:')) return true;
  const [target = '', anchor = ''] = link.split('#');
  const absolute = target.startsWith('/') ? target.slice(1) : posix.join(posix.dirname(from), target);
  const named = target === '' ? from : decodeURIComponent(absolute);
  const file = [named, `${named}.html`, posix.join(named, 'index.html')].find(
    (name) => files.has(name) && name !== '' && /\./.test(name),
  );
  if (file === undefined) return false;
  return anchor === '' || (html[file] ?? '').includes(`id="${decodeURIComponent(anchor)}"`);
}
