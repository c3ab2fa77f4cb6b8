import { applicationScript } from './application-script';
import { applicationStyle } from './application-style';
import { type Html, html } from './html';
import { type Identity, shortened } from './identity';
import type { Page } from './page';
import { inTime } from './time';

/** A request header as it is shown: name, text. */
export type ShownHeader = [name: string, value: string];

const deepLink = '/reports/2026?team=blue&q=a%26b';
const explained: Array<[string, string, keyof Identity]> = [
  ['username', 'who it is, for good: the subject', 'username'],
  ['X-Name', 'the name', 'name'],
  ['X-Email', 'the e-mail address', 'email'],
  ['X-Groups', 'the groups', 'groups'],
  ['Authorization', 'the access token, for calling other services', 'authorization'],
];

/** The start page: who is signed in, what the application was told, and things to try. */
export function homePage(identity: Identity, headers: ShownHeader[]): Page {
  return page(
    identity,
    identity.signedIn ? (identity.name ?? identity.username ?? '') : 'Nobody is signed in',
    html`${hero(identity)}
<div class="columns">${sessionCard(identity)}${tryCard()}</div>
<section class="card" aria-labelledby="claims">
  <h2 id="claims">What NGINX told this application</h2>
  <p class="muted small">This application has no login code and no cookie of its own. It reads these request headers, which NGINX
  fills with claims that it has verified; whatever a browser sends under these names never arrives.</p>
  <div class="scroll"><table><caption>Identity headers</caption>
    <thead><tr><th scope="col">Header</th><th scope="col">Value</th><th scope="col" class="tag">Meaning</th></tr></thead>
    <tbody>${explained.map(([name, meaning, key]) => claimRow(name, meaning, identity[key]))}</tbody></table></div>
</section>
${headersCard(headers)}`,
  );
}

/** The page behind the deep link: shows that path and query came through the sign-in unchanged. */
export function reportPage(identity: Identity, url: string): Page {
  const { path, query } = split(url);
  const parameters = [...new URLSearchParams(query)];
  return page(
    identity,
    'Report',
    html`<section class="card">
  <div><p class="state">Deep link</p><h1>Exactly where you wanted to go</h1></div>
  <p class="muted">If you had to sign in on the way, path and query came back unchanged.</p>
  <div class="scroll"><table><caption>The address of this page</caption><tbody>
    <tr><th scope="row">Path</th><td><code id="path">${path}</code></td></tr>
    <tr><th scope="row">Query</th><td><code id="query">${query}</code></td></tr>
    ${parameters.map(([name, value]) => html`<tr><th scope="row">Parameter <code>${name}</code></th><td><code>${value}</code></td></tr>`)}
  </tbody></table></div>
  <p class="actions"><a class="button quiet" href="/">Back to the start page</a></p>
</section>`,
  );
}

export function messagePage(identity: Identity, title: string, text: string): Page {
  return page(
    identity,
    title,
    html`<section class="card"><h1>${title}</h1><p class="muted">${text}</p>
<p class="actions"><a class="button quiet" href="/">Go to the start page</a></p></section>`,
  );
}

function hero({ signedIn, username, name, email, groups, node }: Identity): Html {
  const shown = name ?? username ?? '';
  if (!signedIn) {
    return html`<section class="card hero"><div class="who"><h1>Nobody is signed in</h1>
<p class="muted">The request came without the <code>username</code> header, so it did not pass NGINX's gate. Open this page through NGINX.</p></div></section>`;
  }
  return html`<section class="card hero" aria-label="Signed-in person">
  <div class="avatar" aria-hidden="true">${initials(shown)}</div>
  <div class="who"><p class="state">Signed in${node !== null && html`, served by <span id="node">${node}</span>`}</p><h1 id="name">${shown}</h1>
    ${email !== null && html`<p class="muted" id="email">${email}</p>`}
    ${groups.length > 0 && html`<ul class="chips" aria-label="Groups">${groups.map((group) => html`<li>${group}</li>`)}</ul>`}</div>
  <form method="post" action="/logout"><button class="button" id="sign-out">Sign out</button></form>
</section>`;
}

function sessionCard({ sessionRenews, sessionExpires }: Identity): Html {
  const none = html`<p class="muted">NGINX does not pass this on here. It can, with the headers <code>X-Oidc-Session-Renews</code>
and <code>X-Oidc-Session-Expires</code>.</p>`;
  return html`<section class="card" aria-labelledby="session"><h2 id="session">Your session</h2>
  ${sessionRenews !== null && clock('renews', 'Tokens are renewed', 'with your next request', sessionRenews)}
  ${sessionExpires !== null && clock('expires', 'The session ends', 'has ended', sessionExpires)}
  ${
    sessionRenews === null && sessionExpires === null
      ? none
      : html`<p class="muted small">Renewal is quiet: the next request after it is due gets new tokens from the provider, and you notice nothing.</p>`
  }
</section>`;
}

function clock(kind: string, label: string, past: string, at: number): Html {
  const when = new Date(at * 1000).toISOString();
  return html`<div class="clock" data-kind="${kind}" data-at="${at}" data-past="${past}">
    <p class="line"><span class="muted">${label}</span><time datetime="${when}" title="${when}">${inTime(at, past)}</time></p>
    <progress max="1" value="1" hidden aria-label="${label}"></progress></div>`;
}

function tryCard(): Html {
  return html`<section class="card" aria-labelledby="try"><h2 id="try">Try it</h2>
  <p class="muted small">A link that you could have been sent: sign out, open it, and you arrive there after signing in.</p>
  <p class="actions"><a class="button quiet" id="deep-link" href="${deepLink}">Open a deep link</a>
    <button class="button quiet" id="whoami" type="button">Call the API</button></p>
  <p class="muted small">A script's call without a session gets <code>401</code> and a line of JSON, not a login page.</p>
  <pre id="whoami-answer" hidden aria-live="polite"></pre></section>`;
}

function claimRow(name: string, meaning: string, value: Identity[keyof Identity]): Html {
  const text = Array.isArray(value) ? value.join(',') : value;
  return html`<tr><th scope="row"><code>${name}</code></th>
<td>${text ? html`<code>${String(text)}</code>` : html`<span class="empty">not passed on</span>`}</td><td class="muted tag">${meaning}</td></tr>`;
}

function headersCard(headers: ShownHeader[]): Html {
  return html`<section class="card"><details open><summary>All ${headers.length} request headers</summary>
  <div class="scroll"><table><caption>Request headers</caption>
    <thead><tr><th scope="col">Header</th><th scope="col">Value</th></tr></thead>
    <tbody>${headers.map(([name, value]) => html`<tr><th scope="row"><code>${name}</code></th><td><code>${shortened(name.toLowerCase(), value)}</code></td></tr>`)}</tbody>
  </table></div></details></section>`;
}

function initials(name: string): string {
  const words = name.split(/[\s._@-]+/).filter(Boolean);
  const letters = words.length > 1 ? [words[0], words.at(-1)] : [words[0]];
  return letters.map((word) => [...(word ?? '?')][0]?.toUpperCase() ?? '').join('');
}

function split(url: string): { path: string; query: string } {
  const at = url.indexOf('?');
  return at < 0 ? { path: url, query: '' } : { path: url.slice(0, at), query: url.slice(at + 1) };
}

function page(identity: Identity, title: string, body: Html): Page {
  const mark = html`<svg viewBox="0 0 32 32" aria-hidden="true"><rect width="32" height="32" rx="9" fill="var(--accent)"/><path d="M10 15v-3a6 6 0 0 1 12 0v3M9 15h14v9H9z" fill="none" stroke="var(--on-accent)" stroke-width="2.5" stroke-linejoin="round"/></svg>`;
  return {
    title: `${title} · Demo application`,
    party: 'application',
    style: applicationStyle,
    script: applicationScript,
    body: html`<header class="top"><div><a class="brand" href="/">${mark} Demo application</a>
<span class="muted small tag">${identity.signedIn ? html`protected by NGINX` : html`not signed in`}</span></div></header>
<main>${body}</main>
<footer class="foot muted small">A small web application behind NGINX. NGINX does the OpenID Connect sign-in.</footer>`,
  };
}
