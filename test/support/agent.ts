import { CookieJar } from 'tough-cookie';
import { Agent as Pool, request } from 'undici';

export interface Answer {
  status: number;
  url: string;
  headers: Record<string, string | string[] | undefined>;
  setCookies: string[];
  text: string;
  json: <T = Record<string, unknown>>() => T;
  /** Every answer on the way here when redirects were followed, this one last. */
  trail: { status: number; url: string; setCookies: string[] }[];
}

export interface RequestOptions {
  method?: string;
  headers?: Record<string, string>;
  /** A form, or a raw body. */
  form?: Record<string, string>;
  body?: string | Buffer;
  timeoutMs?: number;
}

/** A browser without a screen: cookies, and the headers of a page that a person opens. */
export interface Agent {
  readonly jar: CookieJar;
  /** One request, no redirect followed. */
  get(url: string, options?: RequestOptions): Promise<Answer>;
  post(url: string, form: Record<string, string>, options?: RequestOptions): Promise<Answer>;
  /** As a script of the page would ask. */
  xhr(url: string, options?: RequestOptions): Promise<Answer>;
  /** Follows redirects from host to host. */
  navigate(url: string, options?: RequestOptions): Promise<Answer>;
  cookieNames(url: string): Promise<string[]>;
  close(): Promise<void>;
}

const navigation = {
  accept: 'text/html,application/xhtml+xml,*/*;q=0.8',
  'sec-fetch-mode': 'navigate',
  'sec-fetch-dest': 'document',
  'sec-fetch-site': 'none',
};

export function createAgent(defaults: Record<string, string> = {}): Agent {
  const jar = new CookieJar();
  const pool = new Pool({ connections: 64, pipelining: 1 });

  async function send(url: string, options: RequestOptions, headers: Record<string, string>): Promise<Answer> {
    const cookie = await jar.getCookieString(url);
    const body = options.form ? new URLSearchParams(options.form).toString() : options.body;
    const answer = await request(url, {
      dispatcher: pool,
      method: (options.method ?? 'GET') as 'GET',
      headersTimeout: options.timeoutMs ?? 20_000,
      bodyTimeout: options.timeoutMs ?? 20_000,
      ...(body === undefined ? {} : { body }),
      headers: {
        ...headers,
        ...defaults,
        ...(cookie === '' ? {} : { cookie }),
        ...(options.form ? { 'content-type': 'application/x-www-form-urlencoded' } : {}),
        ...options.headers,
      },
    });
    const setCookies = [answer.headers['set-cookie'] ?? []].flat();
    for (const line of setCookies) await jar.setCookie(line, url, { ignoreError: true });
    const text = await answer.body.text();
    const step = { status: answer.statusCode, url, setCookies };
    return { ...step, headers: answer.headers, text, json: () => JSON.parse(text), trail: [step] };
  }

  const agent: Agent = {
    jar,
    get: (url, options = {}) => send(url, options, navigation),
    post: (url, form, options = {}) =>
      send(url, { method: 'POST', form, ...options }, { ...navigation, 'sec-fetch-site': 'same-origin' }),
    xhr: (url, options = {}) =>
      send(url, options, { accept: '*/*', 'sec-fetch-mode': 'cors', 'sec-fetch-site': 'same-origin' }),
    async navigate(url, options = {}) {
      let answer = await agent.get(url, options);
      const trail = [...answer.trail];
      while (answer.headers.location !== undefined) {
        if (trail.length > 20) throw new Error(`redirects without end: ${trail.map((step) => step.url).join('\n')}`);
        answer = await agent.get(new URL(String(answer.headers.location), answer.url).href);
        trail.push(...answer.trail);
      }
      return { ...answer, trail };
    },
    cookieNames: async (url) => (await jar.getCookies(url)).map((cookie) => cookie.key),
    close: () => pool.destroy(),
  };
  return agent;
}

/** Opens a page and, where a provider's sign-in form appears on the way, fills it in; the page that comes last. */
export async function signIn(agent: Agent, url: string, login = 'alice', password = 'wonderland'): Promise<Answer> {
  const page = await agent.navigate(url);
  if (!/type="?password/.test(page.text)) return page;
  const action = /<form[^>]*\baction="([^"]*)"/.exec(page.text)?.[1] ?? '';
  const target = new URL(action.replaceAll('&amp;', '&'), page.url).href;
  const posted = await agent.post(target, { login, password });
  return agent.navigate(new URL(String(posted.headers.location), target).href);
}
