import { type Html, html, trusted } from './html';
import type { Page } from './page';
import type { Account } from './provider-accounts';

const style = `
body { display: grid; place-items: center; min-height: 100vh; padding: 1.5rem;
  background: radial-gradient(60rem 40rem at 50% -10rem, var(--tint), var(--bg)) }
main { width: 100%; max-width: 25rem }
.card { display: grid; gap: 1.25rem; padding: 2rem }
header { display: grid; gap: .35rem }
.party { display: flex; align-items: center; gap: .5rem; margin-bottom: .75rem; color: var(--accent); font-weight: 600; font-size: .9rem }
.party::before { content: ""; width: .7rem; height: .7rem; border-radius: 50%; background: var(--accent) }
form { display: grid; gap: 1rem }
label { display: grid; gap: .3rem; font-weight: 600; font-size: .92rem }
input { min-height: 2.75rem; padding: .5rem .8rem; border: 1px solid color-mix(in srgb, var(--muted) 65%, transparent); border-radius: 10px;
  background: var(--surface); color: inherit; font: inherit; font-weight: 400 }
.error { padding: .7rem .9rem; border-radius: 10px; color: var(--bad); background: color-mix(in srgb, var(--bad) 10%, var(--surface)) }
.accounts { display: grid; gap: .5rem; padding-top: 1.25rem; border-top: 1px solid var(--line) }
.accounts ul { display: grid; grid-template-columns: 1fr 1fr; gap: .5rem; margin: 0; padding: 0; list-style: none }
.account { display: grid; width: 100%; gap: .1rem; padding: .6rem .8rem; border: 1px solid var(--line); border-radius: 10px;
  background: var(--soft); color: inherit; font: inherit; text-align: left }
button.account { cursor: pointer }
button.account:hover { border-color: var(--accent) }
.account code { color: var(--muted) }
footer { margin-top: 1rem; text-align: center }
dl { display: grid; gap: .75rem; margin: 0 } dt { font-weight: 600; font-size: .9rem } dd { margin: 0; overflow-wrap: anywhere }
`;

const fillScript = `
for (const button of document.querySelectorAll('button[data-login]')) {
  button.addEventListener('click', () => {
    document.getElementById('login').value = button.dataset.login;
    document.getElementById('password').value = button.dataset.password;
    document.getElementById('sign-in').focus();
  });
}`;

/** The sign-in form: fields `login` and `password`, or `cancel`. */
export function loginPage(shown: { client: string; login: string; accounts: Account[]; failed: boolean }): Page {
  const body = html`
<header><p class="party">Demo provider</p><h1>Sign in</h1><p class="muted">to continue to <strong>${shown.client}</strong></p></header>
${shown.failed && html`<p class="error" role="alert">That name and password do not belong together. Try again.</p>`}
<form method="post">
  <label>Name <input id="login" name="login" value="${shown.login}" autocomplete="username" autocapitalize="none" spellcheck="false" required autofocus></label>
  <label>Password <input id="password" name="password" type="password" autocomplete="current-password" required></label>
  <button class="button" id="sign-in">Sign in</button>
  <button class="button quiet" name="cancel" value="yes" formnovalidate>Cancel</button>
</form>
<section class="accounts" aria-labelledby="accounts">
  <h2 id="accounts" class="small muted">Demo accounts: click one to fill it in</h2>
  <ul>${shown.accounts.slice(0, 4).map(accountButton)}</ul>
</section>`;
  return page('Sign in', body, fillScript);
}

function accountButton({ login, password }: Account): Html {
  return html`<li><button type="button" class="account" data-login="${login}" data-password="${password}">
    <strong>${login}</strong> <code>${password}</code></button></li>`;
}

/** Asks before the provider's own session ends; `form` is oidc-provider's form with its hidden fields. */
export function logoutPage(form: string): Page {
  const confirm =
    '<input type="hidden" name="logout" value="yes"><button class="button" id="sign-out" autofocus>Sign out</button></form>';
  return page(
    'Sign out',
    html`
<header><p class="party">Demo provider</p><h1>Sign out here, too?</h1>
<p class="muted">The application has signed you out. This ends your session at the provider, so that the next sign-in asks for a password again.</p></header>
${trusted(form.replace('</form>', confirm))}`,
  );
}

export function signedOutPage(): Page {
  return page(
    'Signed out',
    html`<header><p class="party">Demo provider</p><h1>You are signed out</h1><p class="muted">You can close this window.</p></header>`,
  );
}

/** What went wrong, in OAuth's terms. */
export function errorPage(details: Record<string, unknown>): Page {
  const shown = Object.entries(details).filter(([, value]) => typeof value === 'string');
  return page(
    'Something went wrong',
    html`
<header><p class="party">Demo provider</p><h1>This did not work</h1><p class="muted">The provider refused the request.</p></header>
<dl>${shown.map(([name, value]) => html`<div><dt>${name}</dt><dd>${String(value)}</dd></div>`)}</dl>`,
  );
}

function page(title: string, body: Html, script?: string): Page {
  const note = html`<footer class="small muted">A provider for demonstration, on this computer only.</footer>`;
  return {
    title: `${title} · Demo provider`,
    party: 'provider',
    style,
    body: html`<main><div class="card">${body}</div>${note}</main>`,
    ...(script && { script }),
  };
}
