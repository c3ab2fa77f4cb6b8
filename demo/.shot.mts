import { chromium } from 'playwright-core';
import { startApplication } from './application';
import { startProvider } from './provider';

const a = await startApplication({ port: 0 });
const p = await startProvider({ port: 0 });
const b = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: '--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync'.split(
    ' ',
  ),
});
const now = Math.floor(Date.now() / 1000);
const extraHTTPHeaders = {
  username: 'alice',
  'x-name': 'Alice Lindqvist',
  'x-email': 'alice@example.com',
  'x-groups': 'engineering,admins',
  authorization: 'Bearer eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.abc',
  'x-oidc-session-renews': String(now + 241),
  'x-oidc-session-expires': String(now + 28790),
  'x-evil': '<script>alert(1)</script>',
};
for (const [name, colorScheme, width] of [
  ['light', 'light', 1200],
  ['dark', 'dark', 1200],
  ['phone', 'light', 390],
] as const) {
  const c = await b.newContext({ colorScheme, viewport: { width, height: 900 }, extraHTTPHeaders });
  const page = await c.newPage();
  page.on('console', (m) => console.log(name, m.text()));
  page.on('pageerror', (e) => console.log(name, e.message));
  await page.goto(a.url);
  await page.click('#whoami');
  await page.waitForTimeout(1300);
  await page.screenshot({ path: `/tmp/demo-try/app-${name}.png`, fullPage: true });
  console.log(name, await page.evaluate(() => document.documentElement.scrollWidth), width);
  if (name === 'light') {
    await page.click('#deep-link');
    await page.screenshot({ path: '/tmp/demo-try/deep.png' });
  }
  const c2 = await b.newContext({ colorScheme, viewport: { width: Math.min(width, 900), height: 760 } });
  const s = await c2.newPage();
  s.on('console', (m) => console.log(name, m.text()));
  await s.goto(
    `${p.issuer}/auth?client_id=demo&response_type=code&scope=openid&redirect_uri=http://127.0.0.1:8010/_codexch`,
  );
  if (name === 'dark') {
    await s.fill('#login', 'x');
    await s.fill('#password', 'x');
    await s.click('#sign-in');
  } else await s.click('button[data-login=alice]');
  await s.screenshot({ path: `/tmp/demo-try/login-${name}.png` });
  if (name === 'light') {
    console.log(await s.inputValue('#password'), await s.evaluate(() => document.activeElement?.id));
    await s.click('#sign-in').catch(() => {});
    await s.waitForTimeout(500);
    console.log(s.url());
    await s.goto(`${p.issuer}/session/end?client_id=demo&post_logout_redirect_uri=http://127.0.0.1:8010/_logout`);
    await s.screenshot({ path: '/tmp/demo-try/logout.png' });
    await s.goto(`${p.issuer}/auth?client_id=nope`);
    await s.screenshot({ path: '/tmp/demo-try/error.png' });
  }
}
await b.close();
await a.stop();
await p.stop();
