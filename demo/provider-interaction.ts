import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Interaction, Provider } from 'oidc-provider/lib/provider.js';
import { sendPage } from './page';
import type { Account } from './provider-accounts';
import { errorPage, loginPage } from './provider-pages';

const largestForm = 16384;

export interface InteractionOptions {
  accounts: Account[];
  autoLogin: boolean;
}

/**
 * Serves `/interaction/<uid>`: the sign-in form, and what it posts (`login`, `password` or `cancel`). With `autoLogin`
 * it is finished at once as the account that `login_hint` names, else as the first one. Consent is always given.
 */
export async function serveInteraction(
  provider: Provider,
  options: InteractionOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  let interaction: Interaction;
  try {
    interaction = await provider.interactionDetails(request, response);
  } catch {
    return sendPage(response, 400, errorPage({ error: 'This sign-in has expired. Go back to the application.' }));
  }
  const finish = (result: Record<string, unknown>) => provider.interactionFinished(request, response, result);
  const hint = interaction.params.login_hint ?? '';

  if (interaction.prompt.name === 'consent') {
    return finish({ consent: { grantId: await giveConsent(provider, interaction) } });
  }
  if (request.method === 'POST') {
    const form = new URLSearchParams(await readText(request));
    if (form.has('cancel')) {
      return finish({ error: 'access_denied', error_description: 'The sign-in was cancelled at the provider.' });
    }
    const login = form.get('login') ?? '';
    const account = options.accounts.find((one) => one.login === login.trim());
    if (account && same(account.password, form.get('password') ?? '')) {
      return finish({ login: { accountId: account.login } });
    }
    return showForm(401, login);
  }
  const automatic = options.accounts.find((one) => one.login === hint) ?? options.accounts[0];
  if (options.autoLogin && automatic) return finish({ login: { accountId: automatic.login } });
  return showForm(200, hint);

  function showForm(status: number, login: string): void {
    const client = interaction.params.client_id ?? '';
    sendPage(response, status, loginPage({ client, login, accounts: options.accounts, failed: status !== 200 }));
  }
}

/** The grant of this session and client, with every scope that was asked for; oidc-provider's `loadExistingGrant` is like it. */
async function giveConsent(provider: Provider, interaction: Interaction): Promise<string> {
  const known = interaction.grantId ? await provider.Grant.find(interaction.grantId) : undefined;
  const { session, params } = interaction;
  const grant = known ?? new provider.Grant({ accountId: session?.accountId ?? '', clientId: params.client_id ?? '' });
  grant.addOIDCScope(params.scope ?? 'openid');
  return grant.save();
}

async function readText(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) {
    text += chunk;
    if (text.length > largestForm) break;
  }
  return text;
}

function same(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
