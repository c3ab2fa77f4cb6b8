import { renderChooser } from '../browser/chooser-page';
import { wantsPage } from '../browser/navigation';
import { redirect, sendHtml, sendJson } from '../browser/respond';
import { readSetting } from '../config/config';
import { issuersOf } from '../config/issuer';
import { variableOf } from '../nginx/variable';
import { emailDomain } from '../protocol/email-domain';
import { encodeLoginInitiation, parseLoginInitiation } from '../protocol/login-initiation';
import { encodeForm, parseParameters } from '../protocol/parameters';
import { createContext } from '../visit/context';
import { everyContext, providerNames, rememberedProvider, useProvider } from '../visit/providers';

const loginAddress = '/_oidc_login';
const longestAddress = 300;

/** What the form came with, where it did not lead to a provider. */
interface Attempt {
  address: string;
  problem: string;
}

/**
 * location ^~ /_oidc_login of a site with several providers: the page that lets a person choose, or where the e-mail
 * address leads that they gave there. Who is signed in at the provider that is remembered goes to the page at once.
 * @throws login_invalid for a page of another site; config_invalid
 */
export async function chooseProvider(r: NginxHTTPRequest): Promise<void> {
  const [context] = everyContext(r);
  const isPost = r.method === 'POST';
  const parameters = (isPost ? r.requestText : r.variables.args) || '';
  const email = isPost ? parseParameters(parameters)?.email : undefined;
  const wish = email === undefined ? parameters : encodeForm([['return', parseParameters(parameters)?.return || '/']]);
  const { path } = parseLoginInitiation(wish, issuersOf(context.config), context.baseUrl);
  if (email !== undefined) {
    return goByEmail(r, email.trim(), path);
  }
  const secret = context.sessionSecret;
  if (!isPost && rememberedProvider(r) && secret && (await context.sessions.find(secret, context.now))) {
    return redirect(r, path);
  }
  if (!wantsPage(r)) {
    return sendJson(r, 401, { error: 'login_required', sign_in: loginAddress });
  }
  offerProviders(r, 200, path);
}

/** The page that lets a person choose a provider, who then comes back to `path`. */
export function offerProviders(r: NginxHTTPRequest, status: number, path: string, attempt?: Attempt): void {
  const remembered = rememberedProvider(r);
  const all = providerNames(r).map((name) => offerOf(r, name));
  const listed = all.filter(({ label, domains }) => label !== '' || domains.length === 0);
  const page = renderChooser({
    providers: listed.map(({ name, label, logo }) => ({
      label: label || name,
      href: `${loginAddress}/${name}?${encodeForm([['return', path]])}`,
      logo,
      lastUsed: name === remembered,
    })),
    ...(all.some(({ domains }) => domains.length > 0)
      ? { email: { action: loginAddress, path, address: '', problem: '', ...attempt } }
      : {}),
  });
  sendHtml(r, status, page);
}

/** The address is a hint, checked by nobody here: who it is of, the provider finds out. */
function goByEmail(r: NginxHTTPRequest, email: string, path: string): void {
  const address = email.slice(0, longestAddress);
  const domain = emailDomain(address);
  const name = domain && providerNames(r).find((one) => offerOf(r, one).domains.indexOf(domain) >= 0);
  if (!name) {
    const problem = domain
      ? `Nobody signs in here with an address at ${domain}.`
      : 'This is not an e-mail address: name@example.com';
    return offerProviders(r, 400, path, { address, problem });
  }
  useProvider(r, name);
  const [issuer] = issuersOf(createContext(r).config);
  redirect(r, `${loginAddress}/${name}?${encodeLoginInitiation({ path, loginHint: address }, issuer as string)}`);
}

/** How a provider is offered. */
function offerOf(r: NginxHTTPRequest, name: string) {
  useProvider(r, name);
  const setting = <K extends 'provider_name' | 'provider_logo' | 'provider_domains'>(one: K) =>
    readSetting(one, variableOf(r));
  return {
    name,
    label: setting('provider_name'),
    logo: setting('provider_logo'),
    domains: setting('provider_domains'),
  };
}
