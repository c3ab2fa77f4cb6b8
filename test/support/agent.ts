import { lookup } from 'node:dns';
import { type Cookie, CookieJar } from 'tough-cookie';
import { type Dispatcher, Agent as Pool } from 'undici';
import { fetchSite, isCrossSite, navigationHeaders, scriptHeaders } from './fetch-metadata';
import { hosts } from './hosts';
import { formsOf, type HtmlForm, loginFormOf } from './html-form';
import { noAnswer } from './no-answer';

export { NoAnswer, type NoAnswerKind } from './no-answer';

export interface Step {
  status: number;
  url: string;
  setCookies: string[];
}

export interface Answer extends Step {
  headers: Record<string, string | string[] | undefined>;
  text: string;
  json: <T = Record<string, unknown>>() => T;
  /** Every answer on the way here when redirects were followed, this one last. */
  trail: Step[];
}

export type Headers = Record<string, string | string[] | undefined>;

export interface RequestOptions {
  method?: string;
  /** A header that is undefined is not sent. */
  headers?: Headers;
  /** A form, or a raw body. */
  form?: Record<string, string>;
  body?: string | Buffer;
  /** milliseconds for the whole answer */
  timeoutMs?: number;
  /** the page that the request comes from, when it is not typed into the address bar */
  from?: string;
  /** the request target as it is, where a URL would change it: `/a/../b`, `//c` */
  target?: string;
}

export interface AgentOptions {
  /** takes and sends Secure cookies over plain HTTP, too, as browsers do with localhost */
  looseSecure?: boolean;
  /** PEM: the authority that vouches for the sites, when it is a private one */
  authority?: string;
  /** where it comes from: 127.0.0.2 */
  localAddress?: string;
}

/** A browser without a screen: cookies, and the headers of a page that a person opens. */
export interface Agent {
  readonly jar: CookieJar;
  /** One request, no redirect followed. */
  get(url: string, options?: RequestOptions): Promise<Answer>;
  post(url: string, form: Record<string, string>, options?: RequestOptions): Promise<Answer>;
  /** As a script of the page would ask. */
  xhr(url: string, options?: RequestOptions): Promise<Answer>;
  /** Follows redirects from host to host; headers of the options go to the first origin only. */
  navigate(url: string, options?: RequestOptions & { maxRedirects?: number }): Promise<Answer>;
  /** What is sent to a URL. */
  cookies(url: string): Promise<Cookie[]>;
  cookieNames(url: string): Promise<string[]>;
  close(): Promise<void>;
}

const isRedirect = (status: number) => [301, 302, 303, 307, 308].includes(status);

/**
 * A new browser that sends these headers with every request. A request without a whole answer rejects with NoAnswer.
 * Names below `.test` are this machine, or where OIDC_TEST_HOSTS says.
 */
export function createAgent(defaults: Headers = {}, options: AgentOptions = {}): Agent {
  const { looseSecure = true, authority, localAddress } = options;
  const jar = new CookieJar(undefined, { allowSecureOnLocal: looseSecure });
  const pool = new Pool({
    connections: 64,
    pipelining: 1,
    connect: { lookup: localLookup, ca: authority },
    ...(localAddress ? { localAddress } : {}),
  });
  const cookieUrl = (url: string) => (looseSecure ? url.replace(/^http:/, 'https:') : url);

  /** Cookies that the SameSite attribute lets through (RFC 6265bis 5.2). */
  function cookiesFor(url: string, { from, method = 'GET' }: RequestOptions, isNavigation: boolean) {
    const isLax = isNavigation && /^(GET|HEAD)$/.test(method);
    const sameSiteContext = isCrossSite(from, url) ? (isLax ? 'lax' : 'none') : undefined;
    return jar.getCookieString(cookieUrl(url), { sameSiteContext });
  }

  async function send(url: string, options: RequestOptions, headers: Headers, isNavigation: boolean): Promise<Answer> {
    const { origin, pathname, search } = new URL(url);
    const { form, target = pathname + search, timeoutMs = 20_000 } = options;
    const body = form ? new URLSearchParams(form).toString() : options.body;
    const cookie = await cookiesFor(url, options, isNavigation);
    let answer: Dispatcher.ResponseData;
    let text: string;
    try {
      answer = await pool.request({
        origin,
        path: target,
        method: (options.method ?? 'GET') as Dispatcher.HttpMethod,
        signal: AbortSignal.timeout(timeoutMs),
        ...(body === undefined ? {} : { body }),
        headers: merged(
          headers,
          form ? { 'content-type': 'application/x-www-form-urlencoded' } : {},
          defaults,
          cookie === '' ? {} : { cookie },
          options.headers ?? {},
        ),
      });
      text = await answer.body.text();
    } catch (error) {
      throw noAnswer(url, error);
    }
    const setCookies = [answer.headers['set-cookie'] ?? []].flat();
    for (const line of setCookies) await jar.setCookie(line, cookieUrl(url), { ignoreError: true });
    const step = { status: answer.statusCode, url, setCookies };
    return { ...step, headers: answer.headers, text, json: () => JSON.parse(text), trail: [step] };
  }

  const agent: Agent = {
    jar,
    get: (url, options = {}) => send(url, options, navigationHeaders(fetchSite(options.from, url)), true),
    post(url, form, options = {}) {
      const from = options.from ?? url;
      const headers = { ...navigationHeaders(fetchSite(from, url)), origin: new URL(from).origin };
      return send(url, { method: 'POST', form, ...options, from }, headers, true);
    },
    xhr(url, options = {}) {
      const from = options.from ?? url;
      return send(url, { ...options, from }, scriptHeaders(fetchSite(from, url)), false);
    },
    async navigate(url, options = {}) {
      const answer = await agent.get(url, options);
      return follow(agent, answer, options);
    },
    cookies: (url) => jar.getCookies(cookieUrl(url)),
    cookieNames: async (url) => (await agent.cookies(url)).map((cookie) => cookie.key),
    close: () => pool.destroy(),
  };
  return agent;
}

/** Goes where redirects lead: 307 and 308 repeat the request, the others GET (RFC 9110 15.4). */
async function follow(
  agent: Agent,
  first: Answer,
  options: RequestOptions & { maxRedirects?: number },
): Promise<Answer> {
  const { maxRedirects = 15, headers = {}, target: _target, ...request } = options;
  const { origin } = new URL(first.url);
  const trail = [...first.trail];
  let answer = first;
  while (isRedirect(answer.status) && answer.headers.location !== undefined) {
    if (trail.length > maxRedirects) {
      throw new Error(`more than ${maxRedirects} redirects:\n${trail.map((step) => step.url).join('\n')}`);
    }
    const next = new URL(String(answer.headers.location), answer.url);
    next.hash = '';
    if (answer.status < 307) for (const name of ['method', 'form', 'body'] as const) delete request[name];
    answer = await agent.get(next.href, { ...request, headers: next.origin === origin ? headers : {} });
    trail.push(...answer.trail);
  }
  const form = submitsItself(answer.text);
  if (!form) return { ...answer, trail };
  const action = new URL(form.action, answer.url).href;
  const fields = Object.fromEntries(form.fields.map(({ name, value }) => [name, value]));
  const last = await follow(agent, await agent.post(action, fields, { from: answer.url }), { from: answer.url });
  return { ...last, trail: [...trail, ...last.trail] };
}

/** The form of a page that posts it at once by a script (Form Post Response Mode). */
function submitsItself(html: string): HtmlForm | undefined {
  return /<body onload="document\.forms\[0\]\.submit\(\)">/.test(html) ? formsOf(html)[0] : undefined;
}

/**
 * Opens a page and, where a provider's sign-in form appears on the way, fills in `password` and the text field before
 * it; the page that comes last, with the whole trail.
 */
export async function signIn(agent: Agent, url: string, login = 'alice', password = 'wonderland'): Promise<Answer> {
  const page = await agent.navigate(url);
  const form = loginFormOf(page.text);
  if (!form) return page;
  const isLogin = (type: string) => type === 'text' || type === 'email';
  const fields = form.fields.flatMap(({ name, type, value }): [string, string][] => {
    if (type === 'hidden') return [[name, value]];
    if (type === 'password') return [[name, password]];
    return isLogin(type) ? [[name, login]] : [];
  });
  const action = new URL(form.action, page.url).href;
  const posted = await agent.post(action, Object.fromEntries(fields), { from: page.url });
  const last = await follow(agent, posted, { from: page.url });
  return { ...last, trail: [...page.trail, ...last.trail] };
}

/** Later names win, in whatever case they are written. */
function merged(...sets: Headers[]): Record<string, string | string[]> {
  const all = new Map<string, string | string[]>();
  for (const [name, value] of sets.flatMap((set) => Object.entries(set))) {
    if (value === undefined) all.delete(name.toLowerCase());
    else all.set(name.toLowerCase(), value);
  }
  return Object.fromEntries(all);
}

const localLookup: typeof lookup = ((name: string, options: object, callback: never) =>
  lookup(hosts[name] ?? (/\.test$/.test(name) ? '127.0.0.1' : name), options, callback)) as never;
