import { afterAll, beforeAll, beforeEach } from 'vitest';
import type { Nginx } from '../../scripts/nginx/target';
import { type Agent, type Answer, createAgent } from '../support/agent';
import { type Echo, type EchoApplication, startEchoApplication } from '../support/echo-application';
import {
  type MisbehavingProvider,
  type ProviderOptions,
  startMisbehavingProvider,
} from '../support/misbehaving-provider';
import { useNginx } from '../support/nginx';
import { type Site, type SiteOptions, startSite } from '../support/site';

/** A site under attack: what it talks to, and a browser that is new for each test. */
export interface Scene {
  readonly provider: MisbehavingProvider;
  readonly application: EchoApplication;
  readonly site: Site;
  readonly agent: Agent;
  /** more browsers, closed after the test */
  browser(): Agent;
  /** a browser that signed in, with its session cookie's value */
  signedIn(agent?: Agent): Promise<string>;
  /** what the application received with an answer's request */
  echo(answer: Answer): Echo;
  /** the entries of ngx.shared.oidc_sessions, by a location that only tests have */
  store(): Promise<[string, string][]>;
  /** writes into it */
  plant(key: string, value: string): Promise<void>;
}

export type SceneOptions = Partial<Omit<SiteOptions, 'nginx' | 'issuer' | 'application'>> & {
  provider?: ProviderOptions;
  /** instead of the provider's */
  issuer?: string;
  /** PEM: vouches for the provider's certificate */
  authority?: string;
};

const probe = `
function items(r) { r.return(200, JSON.stringify(ngx.shared.oidc_sessions.items(100000))); }
function size(r) { r.return(200, String(ngx.shared.oidc_sessions.size())); }
function plant(r) {
  const at = JSON.parse(r.requestText);
  ngx.shared.oidc_sessions.set(at.key, at.value, 60000);
  r.return(204);
}
export default { items, size, plant };`;

const probeLocations = ['items', 'size', 'plant']
  .map((name) => `location = /probe/${name} { auth_request off; js_content probe.${name}; }\n`)
  .join('');

/** Starts a provider, an application and NGINX for a describe block, and makes all of them as new before each test. */
export function useScene(nginx: Nginx, options: SceneOptions | ((provider: string) => SceneOptions) = {}): Scene {
  useNginx();
  const browsers: Agent[] = [];
  const parts = {} as { provider: MisbehavingProvider; application: EchoApplication; site: Site; agent: Agent };
  const scene: Scene = {
    get provider() {
      return parts.provider;
    },
    get application() {
      return parts.application;
    },
    get site() {
      return parts.site;
    },
    get agent() {
      return parts.agent;
    },
    browser() {
      const authority = typeof options === 'function' ? undefined : options.authority;
      const agent = createAgent({}, authority === undefined ? {} : { authority });
      browsers.push(agent);
      return agent;
    },
    async signedIn(agent = parts.agent) {
      const page = await agent.navigate(`${parts.site.url}/`);
      if (page.status !== 200) throw new Error(`sign-in ended with ${page.status} ${page.url}`);
      return (await cookieOf(agent, parts.site.url, 'auth_token')) ?? '';
    },
    echo: (answer) => answer.json<Echo & Record<string, unknown>>(),
    store: async () => (await parts.agent.get(`${parts.site.url}/probe/items`)).json() as unknown as [string, string][],
    async plant(key, value) {
      const body = JSON.stringify({ key, value });
      await parts.agent.xhr(`${parts.site.url}/probe/plant`, { method: 'POST', body });
    },
  };
  beforeAll(async () => {
    const given = typeof options === 'function' ? undefined : options;
    parts.provider = await startMisbehavingProvider(given?.provider);
    parts.application = await startEchoApplication();
    const { provider: _, ...site } = given ?? (options as (issuer: string) => SceneOptions)(parts.provider.issuer);
    const edit = site.editServer ?? ((conf: string) => conf);
    parts.site = await startSite({
      nginx,
      issuer: parts.provider.issuer,
      application: parts.application.address,
      ...site,
      http: `js_import probe from conf.d/probe.js;\n${site.http ?? ''}`,
      editServer: (conf) => edit(conf) + probeLocations,
      files: { 'conf.d/probe.js': probe, ...site.files },
    });
  });
  beforeEach(() => {
    parts.provider.reset();
    parts.application.requests.length = 0;
    parts.agent = scene.browser();
    return async () => {
      for (const agent of browsers.splice(0)) await agent.close();
    };
  });
  afterAll(async () => {
    await parts.provider?.stop();
    await parts.application?.stop();
  });
  return scene;
}

/** The value of a cookie that the browser would send. */
export async function cookieOf(agent: Agent, url: string, name: string): Promise<string | undefined> {
  return (await agent.cookies(url)).find((cookie) => cookie.key === name)?.value;
}

/** Begins a sign-in and goes to the provider; the callback that it sends the browser back with, not yet followed. */
export async function callbackFor(scene: Scene, agent: Agent = scene.agent, path = '/'): Promise<URL> {
  const start = await agent.get(`${scene.site.url}${path}`);
  const back = await agent.get(String(start.headers.location));
  return new URL(String(back.headers.location));
}

/** The authorization request that a page leads to. */
export async function authorizationRequest(scene: Scene, agent: Agent = scene.agent, path = '/'): Promise<URL> {
  return new URL(String((await agent.get(`${scene.site.url}${path}`)).headers.location));
}
