import { beforeEach, describe, expect, it } from 'vitest';
import type { Nginx } from '../../scripts/nginx/target';
import { type ErrorCode, errorTable } from '../../src/protocol/errors';
import { type Scene, type SceneOptions, useScene } from '../security/site';
import type { Agent, Answer } from '../support/agent';
import type { Echo } from '../support/echo-application';
import type { Recorded } from '../support/misbehaving-provider';
import { onEachTarget } from '../support/nginx';
import { type Module, type ModuleName, type PlanName, plans } from './modules';

/** How a login ended. */
export interface Outcome {
  how: Module['must'];
  page: Answer;
  /** the provider's endpoints that were called, by the browser and by NGINX, in order */
  calls: Recorded[];
}

/** Plays a module against a site whose caches are empty, and tells how its login ended. */
type Play = (scene: Scene) => Promise<Outcome>;
export type Played<P extends PlanName> = Record<ModuleName<P>, Play>;

const forget = `
function forget(r) {
  ngx.shared.oidc_provider.clear();
  ngx.shared.oidc_sessions.clear();
  r.return(204);
}
export default { forget };`;

/** What an operator sets for certification: response_type=code needs no setting. */
const certification = {
  oidc_client_auth_method: 'client_secret_basic',
  oidc_userinfo: '1',
  oidc_scopes: 'openid profile email address phone',
};

/** Defines one test for each module of a plan, under the module's name, on every target. */
export function playPlan<P extends PlanName>(plan: P, plays: Played<P>, options: SceneOptions = {}): void {
  onEachTarget(plan, (nginx) => playModules(plan, useModuleScene(nginx, options), plays));
}

/** A kind of client that a plan is run for, and the modules that there are for it. */
export interface Variant<P extends PlanName> {
  /** as the suite calls it */
  name: string;
  plays: Partial<Played<P>>;
  options: SceneOptions;
  /** makes the provider as it must be, before each module */
  before?: (scene: Scene) => void | Promise<void>;
}

/** The same for each variant of a plan. */
export function playVariants<P extends PlanName>(plan: P, variants: Variant<P>[]): void {
  onEachTarget(plan, (nginx) => {
    for (const { name, plays, options, before } of variants) {
      describe(name, () => {
        const scene = useModuleScene(nginx, options);
        beforeEach(() => before?.(scene));
        playModules(plan, scene, plays);
      });
    }
  });
}

function useModuleScene(nginx: Nginx, options: SceneOptions): Scene {
  const { changes = {} } = options;
  const scene = useScene(nginx, {
    ...options,
    http: `js_import forget from conf.d/forget.js;\n${options.http ?? ''}`,
    files: { 'conf.d/forget.js': forget, ...options.files },
    editServer: (conf) =>
      `${options.editServer?.(conf) ?? conf}location = /probe/forget { auth_request off; js_content forget.forget; }\n`,
    changes: { ...changes, alsoSet: { ...certification, ...changes.alsoSet } },
  });
  beforeEach(async () => {
    expect((await scene.agent.get(`${scene.site.url}/probe/forget`)).status).toBe(204);
    scene.provider.does.metadata = (document) => ({
      ...document,
      scopes_supported: ['openid', 'profile', 'email', 'address', 'phone'],
    });
  });
  return scene;
}

function playModules<P extends PlanName>(plan: P, scene: Scene, plays: Partial<Played<P>>): void {
  for (const [name, { must }] of Object.entries<Module>(plans[plan].modules)) {
    const play = plays[name as ModuleName<P>];
    if (!play) continue; // of another variant
    it(name, async () => {
      expect((await play(scene)).how).toBe(must);
      expect(scene.provider.failures).toEqual([]);
    });
  }
}

/** A login that must end at the application, at the page that it began with, which learns who it is. */
export async function finish(
  scene: Scene,
  agent: Agent = scene.agent,
  { path = '/reports?year=2026', ...options }: { path?: string; from?: string } = {},
): Promise<Outcome> {
  const since = scene.provider.requests().length;
  const page = await agent.navigate(scene.site.url + path, options);
  expect(page.status).toBe(200);
  expect(scene.echo(page)).toMatchObject({ url: path, headers: { username: 'alice' } });
  expect(await hasSession(scene, agent)).toBe(true);
  return { how: 'finish', page, calls: scene.provider.requests().slice(since) };
}

/** A login that must end on the error page of `code`, after these calls of the provider and none of the application. */
export async function stop(scene: Scene, code: ErrorCode, endpoints: string[]): Promise<Outcome> {
  const { agent, application, provider, site } = scene;
  const before = { calls: provider.requests().length, log: site.nginx.errorLog().length };
  const page = await agent.navigate(`${site.url}/reports?year=2026`);
  const { status, title } = errorTable[code];
  expect([page.status, /<h1>(.*?)<\/h1>/.exec(page.text)?.[1]]).toEqual([status, title]);
  const reference = /Reference: (\w+)/.exec(page.text)?.[1];
  const lines = site.nginx.errorLog().slice(before.log).split('\n');
  expect(lines.filter((line) => line.includes(String(reference))).join()).toContain(` ${code} `);
  const calls = provider.requests().slice(before.calls);
  expect(calls.map(({ endpoint }) => endpoint)).toEqual(endpoints);
  expect(await hasSession(scene, agent)).toBe(false);
  expect((await scene.store()).filter(([key]) => /^[st]:/.test(key))).toEqual([]);
  expect(application.requests).toEqual([]);
  return { how: 'stop', page, calls };
}

/** Whether the browser has a session cookie that opens the application. */
export async function hasSession(scene: Scene, agent: Agent = scene.agent): Promise<boolean> {
  const { status } = await agent.xhr(`${scene.site.url}/`);
  const hasCookie = (await agent.cookieNames(scene.site.url)).some((name) => /^(?:__Host-)?auth_token$/.test(name));
  if (status === 200 && hasCookie) return true;
  expect({ status }).toEqual({ status: 401 });
  return false;
}

/** What the application received with a page. */
export const received = (scene: Scene, { page }: Outcome): Echo => scene.echo(page);

/** The one call of an endpoint. */
export function callOf({ calls }: Outcome, endpoint: string): Recorded {
  const [call, ...more] = calls.filter((one) => one.endpoint === endpoint);
  if (!call || more.length > 0) throw new Error(`${endpoint} was called ${call ? more.length + 1 : 0} times`);
  return call;
}
