import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createAgent } from '../support/agent';
import { type EchoApplication, startEchoApplication } from '../support/echo-application';
import { type MisbehavingProvider, startMisbehavingProvider } from '../support/misbehaving-provider';
import { onEachTarget, useNginx } from '../support/nginx';
import { textsIn } from '../support/page-frame';
import { type Site, startSite } from '../support/site';

const languages = ['de', 'fr', 'es', 'ja', 'pt', 'zh-Hans'];
const logo = 'data:image/png;base64,iVBORw0KGgo=';

onEachTarget('the pages', (nginx) => {
  useNginx();
  let provider: MisbehavingProvider;
  let application: EchoApplication;
  let plain: Site;
  let own: Site;
  let wrong: Site;

  beforeAll(async () => {
    provider = await startMisbehavingProvider();
    application = await startEchoApplication();
    const start = (alsoSet: Record<string, string>, files: Record<string, string> = {}) =>
      startSite({
        nginx,
        issuer: provider.issuer,
        application: application.address,
        changes: { alsoSet },
        files,
      });
    plain = await start({});
    own = await start(
      {
        oidc_page_name: 'Müller & <Söhne>',
        oidc_page_logo: logo,
        oidc_page_color: '#ffd400',
        oidc_page_style: '/public/own.css',
        oidc_page_contact: 'IT help desk <mailto:help@example.com>',
        oidc_page_languages: 'de en it',
        oidc_page_texts: 'own',
      },
      {
        'own/de.json': '{"pages":{"Signed out":"Tschüss <b>","IT help desk":"IT-Hilfe, Raum 12"}}',
        'own/it.json': '{"pages":{"Signed out":"Disconnesso","Sign in again":"Accedi di nuovo"}}',
      },
    );
    wrong = await start({
      oidc_page_name: `</title><script>alert(1)</script>`,
      oidc_page_logo: 'https://cdn.example/logo.png',
      oidc_page_color: 'red;}body{display:none',
      oidc_page_style: '//cdn.example/own.css',
      oidc_page_contact: 'Help <javascript:alert(1)>',
      oidc_page_languages: 'en ../../../etc/passwd',
      oidc_page_texts: '/nowhere',
    });
  });
  afterAll(async () => {
    await provider.stop();
    await application.stop();
  });

  async function ask(site: Site, path: string, language = '', more: Record<string, string> = {}) {
    const headers = { Accept: 'text/html', ...(language ? { 'Accept-Language': language } : {}), ...more };
    const answer = await fetch(site.url + path, { headers, redirect: 'manual' });
    const policy = answer.headers.get('content-security-policy') ?? '';
    return { status: answer.status, headers: answer.headers, policy, html: await answer.text() };
  }
  const complaints = (site: Site) =>
    [...site.nginx.errorLog().matchAll(/\[warn\].*oidc: (page_incomplete ref=\w+ .*)/g)].map(([, line]) => line);

  it.each(languages)('are in the language that the browser asks for: %s', async (language) => {
    const { pages } = textsIn(language);
    const out = await ask(plain, '/_logout', `it,${language};q=0.9,en;q=0.8`);
    expect(out.status).toBe(200);
    expect(out.html).toContain(`<html lang="${language}">`);
    expect(out.html).toContain(`<h1>${pages['Signed out']}</h1><p>${pages['You are signed out of this site.']}</p>`);
    expect(out.headers.get('content-language')).toBe(language);
    expect(out.headers.get('vary')).toBe('Accept-Language');

    const error = await ask(plain, '/_codexch?state=x&code=y', language);
    expect(error.status).toBe(400);
    expect(error.html).toContain(`<h1>${pages['Please sign in again']}</h1>`);
    const reference = /[0-9a-f]{12}/.exec(/<small>[^<]*<\/small>/.exec(error.html)?.[0] ?? '')?.[0] ?? '?';
    expect(plain.nginx.errorLog()).toContain(`oidc: login_expired ref=${reference}`);

    const question = await ask(plain, '/logout?everywhere=1', language);
    expect(question.html).toContain(`<button>${pages['Sign out everywhere']}</button>`);
    expect(complaints(plain)).toEqual([]);
  });

  it('are in English for everybody else, whatever the header says', async () => {
    for (const language of ['', 'it', '*', `de${'-x'.repeat(2000)}`, '../../../etc/passwd', 'en', '\u00e9']) {
      const { status, html, headers } = await ask(plain, '/_logout', language);
      expect(status).toBe(200);
      expect(html).toContain('<html lang="en">');
      expect(html).toContain('<p>You are signed out of this site.</p>');
      expect(headers.get('content-language')).toBe('en');
    }
    expect(complaints(plain)).toEqual([]);
  });

  it('say what the provider said, in a sentence of the language, as text', async () => {
    const answer = await ask(plain, '/_codexch?error=access_denied&error_description=%3Cb%3E+%7Banswer%7D', 'de');
    expect(answer.html).toContain('<p>Zurück kam: access_denied: &lt;b&gt; {answer}</p>');
  });

  it('of scripts stay JSON in no language', async () => {
    const { status, html, headers } = await ask(plain, '/', 'de', { Accept: 'application/json' });
    expect([status, html]).toEqual([401, '{"error":"login_required","sign_in":"/_oidc_login"}\n']);
    expect([headers.get('content-language'), headers.get('vary')]).toEqual([null, null]);
  });

  it('admit their own styles alone, by a nonce that each page has another of', async () => {
    const nonces = await Promise.all(
      [1, 2, 3].map(async () => {
        const { policy, html } = await ask(plain, '/_logout');
        const [, nonce] =
          /^default-src 'none'; style-src 'nonce-([\w-]{22})'; img-src data:; form-action /.exec(policy) ?? [];
        expect(html.match(/<style[^>]*>/g)).toEqual([`<style nonce="${nonce}">`]);
        expect(policy).not.toMatch(/unsafe|script-src/);
        expect(html).not.toMatch(/ style=|<link|<script/);
        return nonce;
      }),
    );
    expect(new Set(nonces).size).toBe(3);
  });

  it("that bring a form back have the script's words in the language", async () => {
    const { html, policy } = await ask(plain, '/_oidc_return', 'ja');
    const [, texts = ''] = /data-texts="([^"]*)"/.exec(html) ?? [];
    expect(JSON.parse(texts.replaceAll('&quot;', '"').replaceAll('&#39;', "'"))).toEqual(textsIn('ja').script);
    expect(policy).toMatch(/script-src 'nonce-[\w-]{22}'; connect-src 'self'$/);
    expect((await ask(plain, '/_oidc_return')).html).not.toContain('data-texts');
  });

  it("have the operator's look and words, as text", async () => {
    const { html, policy, headers } = await ask(own, '/_logout', 'fr');
    expect(headers.get('content-language')).toBe('de');
    expect(html).toContain('<title>Tschüss &lt;b&gt; – Müller &amp; &lt;Söhne&gt;</title>');
    expect(html).toContain(`<header><img src="${logo}" alt="Müller &amp; &lt;Söhne&gt;"></header>`);
    expect(html).toContain('--own:#ffd400;--on-own:#000');
    expect(html).toContain('<link rel="stylesheet" href="/public/own.css">');
    expect(html).toContain('<a href="/">Erneut anmelden</a>');
    expect(html).toContain(
      '<footer>Brauchen Sie Hilfe? <a href="mailto:help@example.com">IT-Hilfe, Raum 12</a></footer>',
    );
    expect(policy).toMatch(/style-src 'nonce-[\w-]+' 'self'; img-src data:;/);
  });

  it('speak a language that the operator adds, English where its file has no text', async () => {
    const { html } = await ask(own, '/_logout', 'it');
    expect(html).toContain('<html lang="it">');
    expect(html).toContain('<h1>Disconnesso</h1><p>You are signed out of this site.</p>');
    expect(complaints(own)).toEqual([]);
  });

  it('show an edit of a text at once; a broken file is named once with the place, and does no harm', async () => {
    const file = `${own.nginx.dir}/own/de.json`;
    writeFileSync(file, '{"pages":{"Signed out":"Bis bald"}}');
    expect((await ask(own, '/_logout')).html).toContain('<h1>Bis bald</h1>');
    writeFileSync(file, '{"pages":{"Signed out" "Bis bald"}}');
    for (let i = 0; i < 6; i++) expect((await ask(own, '/_logout')).html).toContain('<h1>Abgemeldet</h1>');
    expect(complaints(own)).toEqual([
      expect.stringMatching(/own\/de\.json is not JSON: .*position 2[2-4].*; pages are shown/),
    ]);
    rmSync(`${own.nginx.dir}/conf.d/openid_connect.texts`, { recursive: true });
    rmSync(file);
    for (let i = 0; i < 6; i++) {
      const { html } = await ask(own, '/_logout');
      expect(html).toContain('<html lang="en">');
      expect(html).toContain('<h1>Signed out</h1>');
    }
    expect(complaints(own).slice(1)).toEqual([
      expect.stringMatching(/there is no .*conf\.d\/openid_connect\.texts\/de\.json: copy that folder/),
    ]);
    mkdirSync(file);
    expect((await ask(own, '/_logout')).html).toContain('<h1>Signed out</h1>');
    expect(complaints(own).slice(2)).toEqual([
      expect.stringMatching(/own\/de\.json must be readable for (?:the )?user /),
    ]);
  });

  it('do without what cannot be used, which is named once, and signing in goes on', async () => {
    for (let i = 0; i < 6; i++) {
      const { status, html, policy } = await ask(wrong, '/_logout', 'de');
      expect(status).toBe(200);
      expect(html).toContain('<h1>Abgemeldet</h1>');
      expect(html).not.toMatch(/cdn\.example|<script|display:none|javascript:|<footer|<link|<img/);
      expect(html).toContain('<header>&lt;/title&gt;&lt;script&gt;alert(1)&lt;/script&gt;</header>');
      expect(policy).toMatch(/style-src 'nonce-[\w-]+'; img-src data:;/);
    }
    const named = complaints(wrong).map((line) => /\$oidc_(page_\w+)/.exec(line ?? '')?.[1]);
    expect(named.sort()).toEqual([
      'page_color',
      'page_contact',
      'page_languages',
      'page_logo',
      'page_style',
      'page_texts',
    ]);
    const agent = createAgent();
    const page = await agent.navigate(`${wrong.url}/reports`);
    await agent.close();
    expect([page.url, page.status]).toEqual([`${wrong.url}/reports`, 200]);
  });
});
