import { startDocumentationSite } from '/tmp/wt/site/test/support/documentation-site';
import { chromiumPath, launchChromium } from '/tmp/wt/site/test/support/chromium';
const site = await startDocumentationSite();
const browser = await launchChromium(chromiumPath()!);
const shot = async (name: string, path: string, opts: any, act?: (p: any) => Promise<void>, full=false) => {
  const c = await browser.newContext(opts); const p = await c.newPage();
  p.on('console', (m:any) => { if (m.type()==='error') console.log(name, m.text()); });
  p.on('pageerror', (e:any) => console.log(name, 'ERR', e.message));
  await p.goto(site.url + path); await p.waitForTimeout(500); if (act) await act(p);
  await p.screenshot({ path: `/tmp/shot-${name}.png`, fullPage: full }); await c.close();
};
const desktop = { viewport: { width: 1380, height: 900 } };
const dark = { ...desktop, colorScheme: 'dark' };
const phone = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 1 };
const search = (q: string) => async (p: any) => { await p.locator('.VPNavBarSearch button').first().click(); await p.locator('#localsearch-input').fill(q); await p.waitForTimeout(800); };
const only = process.argv.slice(2);
const all: Record<string, () => Promise<void>> = {
  home: () => shot('home', '/', desktop),
  homedark: () => shot('homedark', '/', dark),
  homephone: () => shot('homephone', '/', phone),
  helper: () => shot('helper', '/helper.html', desktop, async (p) => { await p.getByLabel('Only certain groups').check(); await p.getByLabel('Several machines').check(); }, true),
  helperdark: () => shot('helperdark', '/helper.html', dark),
  helperphone: () => shot('helperphone', '/helper.html', phone, undefined, true),
  search: () => shot('search', '/', desktop, search('redirect loop after login')),
  searchdark: () => shot('searchdark', '/', dark, search('$oidc_require')),
  searchphone: () => shot('searchphone', '/', phone, search('groups')),
  page: () => shot('page', '/settings/sessions.html', desktop),
  how: () => shot('how', '/how-it-works.html', desktop, undefined, true),
  howdark: () => shot('howdark', '/how-it-works.html', dark, undefined, true),
  howphone: () => shot('howphone', '/how-it-works.html', phone, undefined, true),
  howtoggle: () => shot('howtoggle', '/how-it-works.html', desktop, async (p) => { await p.evaluate(() => document.documentElement.classList.add('dark')); await p.waitForTimeout(300); }),
};
for (const n of only.length ? only : Object.keys(all)) await all[n]!();
await browser.close(); await site.stop();
