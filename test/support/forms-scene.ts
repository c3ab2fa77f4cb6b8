import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import type { Nginx } from '../../scripts/nginx/target';
import { launchChromium } from './chromium';
import { demoClient, type RunningProvider, startProvider } from './demo-parts';
import { type FormsApplication, startFormsApplication } from './forms-application';
import { freePort, useNginx } from './nginx';
import { type Site, startSite } from './site';

const probe = `
function forget(r) { ngx.shared.oidc_sessions.clear(); r.return(204); }
function items(r) { r.return(200, JSON.stringify(ngx.shared.oidc_sessions.items(100000))); }
export default { forget, items };`;

/** People in Chromium, a site with forms, and the certified provider. */
export interface FormsScene {
  readonly application: FormsApplication;
  readonly site: Site;
  readonly provider: RunningProvider;
  readonly context: BrowserContext;
  readonly browser: Browser;
  /** The application's page `html` in a new tab, signed in. */
  open(html: string, at?: string): Promise<Page>;
  /** Signs in at the provider's page that the tab is at, or goes to. */
  signIn(page: Page, login?: string, password?: string): Promise<void>;
  /** The sessions end here and at the provider. */
  endSession(of?: BrowserContext): Promise<void>;
  /** Everything that is in the store. */
  store(): Promise<string>;
  atProvider(page: Page): Promise<void>;
  heading(page: Page, text: string): Promise<void>;
}

/** @param settings more `set` lines; @param server more of the site's server {} */
export function useForms(nginx: Nginx, path: string, settings: Record<string, string> = {}, server = ''): FormsScene {
  useNginx();
  const parts = {} as {
    application: FormsApplication;
    site: Site;
    provider: RunningProvider;
    browser: Browser;
    context: BrowserContext;
  };
  beforeAll(async () => {
    parts.browser = await launchChromium(path);
    const port = await freePort();
    parts.application = await startFormsApplication();
    const client = demoClient(`http://127.0.0.1:${port}`);
    parts.provider = await startProvider({ port: 0, clients: [client] });
    parts.site = await startSite({
      nginx,
      port,
      issuer: parts.provider.issuer,
      application: parts.application.address,
      changes: {
        set: { oidc_client: client.client_id, oidc_client_secret: client.client_secret ?? '' },
        alsoSet: settings,
      },
      http: 'js_import probe from conf.d/probe.js;',
      files: { 'conf.d/probe.js': probe },
      editServer: (conf) => `${conf}
        location = /probe/forget { auth_request off; js_content probe.forget; }
        location = /probe/items { auth_request off; js_content probe.items; }
        location /public/ { auth_request off; proxy_pass http://my_backend; }\n${server}\n`,
    });
  });
  afterAll(async () => {
    await parts.browser?.close();
    await parts.provider?.stop();
    await parts.application?.stop();
  });
  beforeEach(async () => {
    parts.context = await parts.browser.newContext();
    parts.context.setDefaultTimeout(10_000);
    parts.application.posted.length = 0;
  });
  afterEach(() => parts.context.close());

  const scene: FormsScene = {
    get application() {
      return parts.application;
    },
    get site() {
      return parts.site;
    },
    get provider() {
      return parts.provider;
    },
    get context() {
      return parts.context;
    },
    get browser() {
      return parts.browser;
    },
    async open(html, at = '/form') {
      parts.application.pages[at] = html;
      const page = await parts.context.newPage();
      await page.goto(parts.site.url + at);
      if (page.url().startsWith(parts.provider.issuer)) await scene.signIn(page);
      return page;
    },
    async signIn(page, login = 'alice', password = 'wonderland') {
      await page.waitForSelector('input[name=login]');
      await page.fill('input[name=login]', login);
      await page.fill('input[name=password]', password);
      await Promise.all([page.waitForURL(`${parts.site.url}/**`), page.press('input[name=password]', 'Enter')]);
    },
    async endSession(of = parts.context) {
      await fetch(`${parts.site.url}/probe/forget`);
      await of.clearCookies({ name: /^demo_provider/ });
    },
    store: async () => (await fetch(`${parts.site.url}/probe/items`)).text(),
    atProvider: (page) => page.waitForURL(`${parts.provider.issuer}/**`),
    heading: (page, text) => page.locator('h1', { hasText: text }).waitFor(),
  };
  return scene;
}
