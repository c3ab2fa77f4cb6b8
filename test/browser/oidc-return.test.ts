import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { listen, stopServer } from '../../demo/listen';
import { chromiumPath } from '../support/chromium';
import type { Posted } from '../support/forms-application';
import { useForms } from '../support/forms-scene';
import { onEachTarget } from '../support/nginx';
import { textsIn } from '../support/page-frame';

const path = chromiumPath();

const fields = `
<input name="na&amp;me=ö"><input name="same"><input name="same" value="two"><input name="empty"><textarea name="text"></textarea>
<input type="hidden" name="submit" value="named submit"><input type="hidden" name="action" value="/elsewhere">`;
const formOf = (enctype: string, more = '', action = '/orders?year=2026&amp;q=%C3%A4') =>
  `<form method="post" action="${action}" enctype="${enctype}">${fields}${more}<button id="go">Send</button></form>`;
const simple = formOf('application/x-www-form-urlencoded', '', '/orders');
const files = '<input type="file" name="files" multiple><input type="file" name="no-file">';
const someFiles = [
  {
    name: 'Übung "1".bin',
    mimeType: 'application/octet-stream',
    buffer: Buffer.from([0, 13, 10, 45, 45, 255, 0x81, 10]),
  },
  { name: '日本 %22.png', mimeType: 'image/png', buffer: randomBytes(300_000) },
  { name: 'empty.txt', mimeType: 'text/plain', buffer: Buffer.alloc(0) },
];

async function fill(page: Page): Promise<void> {
  await page.fill('[name="na&me=ö"]', 'größer & </script><script>alert(1)</script> 100% +');
  await page.fill('[name=same] >> nth=0', '日本語 \u2028 😀');
  await page.fill('[name=text]', 'line one\nline = two\n\n"three"\r\n');
  if ((await page.locator('[name=files]').count()) > 0) await page.setInputFiles('[name=files]', someFiles);
}

/** What a server gets, but for the boundary, which each sending of a form has another of. */
function withoutBoundary({ url, type, body }: Posted) {
  const boundary = /boundary=(.*)/.exec(type)?.[1];
  const text = body.toString('latin1');
  return { url, type: type.replace(/boundary=.*/, ''), text: boundary ? text.replaceAll(boundary, '-') : text };
}

it.runIf(path === undefined)('needs Chromium: apt-get install chromium, or set CHROMIUM to its path', (test) => {
  test.skip();
});

if (path !== undefined) {
  onEachTarget('/_oidc_return in Chromium', (nginx) => {
    const scene = useForms(
      nginx,
      path,
      {},
      `
      location /upload { client_max_body_size 10m; auth_request /_oidc_auth; error_page 401 = @do_oidc_flow; proxy_pass http://my_backend; }
      location /strict/ {
        add_header Content-Security-Policy "default-src 'self'; form-action 'self'" always;
        auth_request /_oidc_auth; error_page 401 = @do_oidc_flow; proxy_pass http://my_backend;
      }`,
    );
    const { open, signIn, endSession, heading, atProvider } = scene;
    const send = (page: Page) => page.click('#go');
    const sendAgain = (page: Page) =>
      Promise.all([page.waitForSelector('#received'), page.click('button:has-text("Send it")')]);

    it.each([
      ['application/x-www-form-urlencoded', ''],
      ['text/plain', ''],
      ['multipart/form-data', files],
    ])('a form of %s survives the sign-in byte for byte, once, and is asked about', async (enctype, more) => {
      const page = await open(formOf(enctype, more));
      const complaints: string[] = [];
      page.on('console', (message) => complaints.push(message.text()));
      await fill(page);
      await Promise.all([page.waitForSelector('#received'), send(page)]);
      const usual = scene.application.posted.splice(0);
      expect(usual).toHaveLength(1);

      await page.goto(`${scene.site.url}/form`);
      await fill(page);
      await endSession();
      await send(page);
      await atProvider(page);
      await signIn(page);
      await heading(page, 'You are signed in as Alice Lindqvist');
      expect(await page.textContent('main')).toContain(
        'Your form for /orders?year=2026&q=%C3%A4 has not been sent yet',
      );
      expect(scene.application.posted).toEqual([]);
      await sendAgain(page);
      expect(scene.application.posted.map(withoutBoundary)).toEqual(usual.map(withoutBoundary));
      expect(scene.application.posted[0]?.headers.origin).toBe(scene.site.url);
      expect(scene.application.posted[0]?.headers.referer).toBe(`${scene.site.url}/`);
      expect(page.url()).toBe(`${scene.site.url}/orders?year=2026&q=%C3%A4`);
      expect(await page.evaluate('sessionStorage.length')).toBe(0);
      await page.goBack();
      await heading(page, 'Your form was not sent');
      expect(scene.application.posted).toHaveLength(1);
      expect(complaints.filter((line) => !/401/.test(line))).toEqual([]);
    });

    it("speaks the person's language all the way", async () => {
      const { pages, script } = textsIn('de');
      const context = await scene.browser.newContext({ locale: 'de-AT' });
      const page = await context.newPage();
      scene.application.pages['/form'] = simple;
      await page.goto(`${scene.site.url}/form`);
      await signIn(page);
      await endSession(context);
      await send(page);
      await atProvider(page);
      await signIn(page);
      await heading(page, 'Sie sind angemeldet als Alice Lindqvist');
      expect(await page.title()).toBe('Sie sind angemeldet als Alice Lindqvist');
      expect(await page.textContent('main p')).toBe(
        'Ihr Formular für /orders wurde noch nicht gesendet. Jetzt als Alice Lindqvist senden?',
      );
      await page.click(`button:has-text("${script['Delete it']}")`);
      await heading(page, String(pages['Your form was not sent']));
      expect(await page.textContent('main p')).toBe(script['It is deleted now.']);
      await context.close();
    });

    it('bytes of another character set stay what they are, and an empty form is a form', async () => {
      const html = `<form method="post" action="/orders" accept-charset="iso-8859-15"><input name="a"><button id="go">Send</button></form>
        <form method="post" action="/empty"><button id="none">Send</button></form>`;
      for (const [button, body] of [
        ['#go', 'a=%FC%A4%85'],
        ['#none', ''],
      ] as const) {
        const page = await open(html);
        await page.fill('[name=a]', 'ü€\u0085');
        await endSession();
        await page.click(button);
        await signIn(page);
        await sendAgain(page);
        expect(scene.application.posted.splice(0).map((one) => one.body.toString())).toEqual([body]);
      }
    });

    it('what is kept cannot be read in the browser, and neither the provider, the store nor a log has it', async () => {
      const page = await open(simple);
      await page.fill('[name=text]', 'a secret of the person');
      await endSession();
      const requests: string[] = [];
      page.on('request', (request) => requests.push(`${request.url()} ${request.postData()}`));
      await send(page);
      await atProvider(page);
      await signIn(page);
      await heading(page, 'You are signed in');
      const kept = String(await page.evaluate("sessionStorage.getItem('oidc-form')"));
      expect(JSON.parse(kept)).toMatchObject({ path: '/orders', known: true });
      const places = [kept, await scene.store(), scene.site.nginx.errorLog(), ...requests.slice(1)];
      for (const text of places) expect(text).not.toMatch(/a.secret.of/);
      expect(requests.filter((one) => one.startsWith(scene.provider.issuer)).join()).not.toContain(
        JSON.parse(kept).sealed.slice(0, 40),
      );
      await page.click('button:has-text("Delete it")');
      await heading(page, 'Your form was not sent');
      expect(await page.evaluate('sessionStorage.length')).toBe(0);
      expect(scene.application.posted).toEqual([]);
    });

    it('is not sent, and deleted, when somebody else signs in, also in another tab', async () => {
      const page = await open(simple);
      await endSession();
      await send(page);
      await atProvider(page);
      await signIn(page, 'bob', 'builder');
      await heading(page, 'Your form was not sent');
      expect(await page.textContent('main')).toContain('Somebody else signed in');
      expect(await page.evaluate('sessionStorage.length')).toBe(0);
      await page.goto(`${scene.site.url}/form`);
      await endSession();
      await send(page); // bob's
      await atProvider(page);
      const other = await open(simple); // alice
      await page.goto(`${scene.site.url}/_oidc_return#form`);
      await heading(page, 'Your form was not sent');
      expect(scene.application.posted).toEqual([]);
      await other.close();
    });

    it('the server refuses it to somebody else, whatever the page says', async () => {
      const page = await open(simple);
      await endSession();
      await send(page);
      await atProvider(page);
      await page.goto(`${scene.site.url}/public/`);
      const kept = await page.evaluate("sessionStorage.getItem('oidc-form')");
      await page.evaluate('sessionStorage.clear()');
      await page.goto(`${scene.site.url}/form`);
      await signIn(page, 'bob', 'builder');
      const forged = JSON.stringify({ ...JSON.parse(String(kept)), known: false });
      await page.evaluate(`sessionStorage.setItem('oidc-form', ${JSON.stringify(forged)})`);
      await page.goto(`${scene.site.url}/_oidc_return#form`);
      await page.click('button:has-text("Send it")');
      await page.getByText('Somebody else signed in').waitFor();
      expect(scene.application.posted).toEqual([]);
    });

    it('whoever signs in may send what nobody had signed in for', async () => {
      scene.application.pages['/public/form'] = simple;
      const page = await scene.context.newPage();
      await page.goto(`${scene.site.url}/public/form`);
      await send(page);
      await signIn(page, 'bob', 'builder');
      await heading(page, 'You are signed in as Bob');
      await sendAgain(page);
      expect(scene.application.posted).toHaveLength(1);
    });

    it('two tabs have a form each, and a copy of a tab sends none twice', async () => {
      const pages = [
        await open(formOf('text/plain', '', '/one'), '/form1'),
        await open(formOf('text/plain', '', '/two'), '/form2'),
      ];
      await endSession();
      for (const page of pages) await send(page);
      for (const page of pages) await atProvider(page);
      const [one, two] = pages as [Page, Page];
      await signIn(two);
      await one.reload(); // at the provider, which now knows who it is
      await Promise.all([one.waitForURL(`${scene.site.url}/**`), one.goto(`${scene.site.url}/_oidc_return#form`)]);
      const [copy] = await Promise.all([one.waitForEvent('popup'), one.evaluate("void open('/_oidc_return#form')")]);
      await heading(copy, 'You are signed in');
      await sendAgain(one);
      await sendAgain(two);
      await copy.click('button:has-text("Send it")');
      await copy.getByText('It was sent before').waitFor();
      expect(scene.application.posted.map((posted) => posted.url)).toEqual(['/one', '/two']);
    });

    it('survives that the session ends again before it is sent', async () => {
      const page = await open(simple);
      await endSession();
      await send(page);
      await signIn(page);
      await heading(page, 'You are signed in');
      await endSession();
      await page.click('button:has-text("Send it")');
      await heading(page, 'You are not signed in');
      await page.click('button:has-text("Sign in")');
      await signIn(page);
      await heading(page, 'You are signed in');
      await sendAgain(page);
      expect(scene.application.posted).toHaveLength(1);
    });

    it('that is too large is lost, and the page says so', async () => {
      const page = await open(formOf('multipart/form-data', files, '/upload'));
      await page.setInputFiles('[name=files]', {
        name: 'big',
        mimeType: 'text/plain',
        buffer: Buffer.alloc(1_048_000),
      });
      await page.fill('[name=text]', 'x'.repeat(2000));
      await endSession();
      await send(page);
      await heading(page, 'Your form was not sent');
      expect(await page.textContent('main')).toContain('It is larger than 1048576 bytes');
      expect(await page.getAttribute('a', 'href')).toBe('/form');
      expect(await page.evaluate('sessionStorage.length')).toBe(0);
    });

    it('of another site is not kept, and never sent', async () => {
      const page = await open(simple);
      const evil = createServer((_, response) => {
        response.setHeader('content-type', 'text/html');
        response.end(formOf('text/plain', '', `${scene.site.url}/orders`));
      });
      const address = await listen(evil, 0);
      await endSession();
      await page.goto(address.replace('127.0.0.1', 'localhost'));
      await send(page);
      await heading(page, 'Your form was not sent');
      expect(await page.textContent('main')).toContain('It came from another site');
      expect(await page.evaluate('sessionStorage.length')).toBe(0);
      await page.goto(address); // the same host, another port
      await send(page);
      await heading(page, 'Your form was not sent');
      expect(await page.evaluate('sessionStorage.length')).toBe(0);
      await stopServer(evil);
    });

    it.each(['scripts are off', 'storage is full'])('says that it is lost where %s', async (what) => {
      const isOff = what === 'scripts are off';
      const context = await scene.browser.newContext({ javaScriptEnabled: !isOff });
      const page = await context.newPage();
      scene.application.pages['/public/form'] = simple;
      await page.goto(`${scene.site.url}/public/form`);
      if (!isOff)
        await page.evaluate(
          "for (let n = 1 << 22; n >= 1; n >>= 1) try { sessionStorage.setItem('full' + n, 'x'.repeat(n)) } catch {}",
        );
      await send(page);
      await heading(page, 'Your form was not sent');
      expect(await page.textContent('main')).toContain(isOff ? 'takes JavaScript' : 'no room');
      expect(page.url()).toBe(`${scene.site.url}/orders`);
      await context.close();
    });

    it("runs under a Content-Security-Policy of the site's own", async () => {
      const page = await open(formOf('text/plain', '', '/strict/orders'), '/strict/form');
      await endSession();
      await send(page);
      await signIn(page);
      await sendAgain(page);
      expect(scene.application.posted).toHaveLength(1);
    });

    it('a script that follows the docs signs people in and goes on', async () => {
      const docs = readFileSync(new URL('../../docs/forms-and-scripts.md', import.meta.url), 'utf8');
      const code = /```js\n([\s\S]*?)```/.exec(docs)?.[1] ?? '';
      expect(code.trim().split('\n').length).toBeLessThanOrEqual(14);
      const page = await open(`<button id="ask">Ask</button><p id="answer"></p><script>${code}
        document.getElementById('ask').onclick = async () => {
          const answer = await fetchSignedIn('/api/orders', { method: 'POST', body: 'one order' });
          document.getElementById('answer').textContent = answer.status + ' received';
        };</script>`);
      await endSession();
      const [popup] = await Promise.all([page.waitForEvent('popup'), page.click('#ask')]);
      const closed = popup.waitForEvent('close');
      await popup.fill('input[name=login]', 'alice');
      await popup.fill('input[name=password]', 'wonderland');
      await popup.press('input[name=password]', 'Enter');
      await closed;
      await page.locator('#answer', { hasText: '200 received' }).waitFor();
      expect(scene.application.posted.map((one) => one.body.toString())).toEqual(['one order']);
    });
  });

  onEachTarget('the fragment', (nginx) => {
    const scene = useForms(nginx, path, { oidc_keep_fragment: '1' });
    const target = () => `${scene.site.url}/app?a=1&b=%C3%A4#/orders/7?x=ö&y=%2F`;
    const arrived = `/app?a=1&b=%C3%A4#/orders/7?x=%C3%B6&y=%2F`;

    it('survives a sign-in, and who has none sees no page in between after it', async () => {
      const page = await scene.context.newPage();
      await page.goto(target());
      await scene.atProvider(page);
      expect(page.url()).not.toContain('#');
      await scene.signIn(page);
      await page.waitForURL(`${scene.site.url}/app**`);
      expect(page.url()).toBe(scene.site.url + arrived);
      await scene.endSession();
      const visited: string[] = [];
      page.on('framenavigated', (frame) => visited.push(frame.url()));
      await page.goto(`${scene.site.url}/other?c=2`);
      await scene.signIn(page);
      expect(page.url()).toBe(`${scene.site.url}/other?c=2`);
      expect(visited.filter((url) => url.includes('/_oidc_return'))).toEqual([]);
    });

    it('is lost without scripts, and the sign-in works', async () => {
      const context = await scene.browser.newContext({ javaScriptEnabled: false });
      const page = await context.newPage();
      await page.goto(target());
      await page.waitForSelector('input[name=login]');
      await scene.signIn(page);
      expect(page.url()).toBe(`${scene.site.url}/app?a=1&b=%C3%A4`);
      await context.close();
    });
  });

  onEachTarget('without $oidc_keep_fragment', (nginx) => {
    const scene = useForms(nginx, path);

    it('the fragment survives redirects, as in every browser, and is lost where a page of the provider drops it', async () => {
      const page = await scene.context.newPage();
      await page.goto(`${scene.site.url}/app#/orders/7`);
      await page.evaluate("history.replaceState(null, '', location.pathname)");
      await scene.signIn(page);
      expect(page.url()).toBe(`${scene.site.url}/app`);
      await fetch(`${scene.site.url}/probe/forget`);
      await page.goto(`${scene.site.url}/other#/orders/8`);
      expect(page.url()).toBe(`${scene.site.url}/other#/orders/8`);
    });
  });
}
