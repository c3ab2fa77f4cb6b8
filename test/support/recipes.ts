import { readFileSync } from 'node:fs';
import { afterAll, beforeAll } from 'vitest';
import type { SiteChanges } from '../../scripts/site/configure';
import { type Agent, createAgent } from './agent';
import { type EchoApplication, startEchoApplication } from './echo-application';
import { type MisbehavingProvider, startMisbehavingProvider } from './misbehaving-provider';
import { freePort, onEachTarget, useNginx } from './nginx';
import { type Site, startSite, testClient } from './site';

/** The nginx blocks below one heading of docs/recipes.md, by where the line before them says that they go. */
export interface Recipe {
  /** the site's `server {}` */
  inside: string;
  /** `http {}` */
  outside: string;
}

/** What a recipe runs in. */
export interface Kitchen {
  site: Site;
  provider: MisbehavingProvider;
  application: EchoApplication;
  /** the address that each `listen PORT` of the recipe has become: http://127.0.0.1:... */
  urls: Record<string, string>;
  /** a browser that is closed after the test */
  browser(): Agent;
}

export interface KitchenOptions {
  /** more of the shipped frontend.conf that the recipe's text asks for */
  changes?: SiteChanges;
  /** replacements in the recipe's text besides those that are made anyway; the fewer, the better */
  edit?: (text: string, kitchen: Pick<Kitchen, 'provider' | 'application'>) => string;
  /** names of settings whose lines in frontend.conf the recipe says to remove */
  without?: string[];
}

const page = readFileSync(new URL('../../docs/recipes.md', import.meta.url), 'utf8');

export function recipeNames(): string[] {
  return [...page.matchAll(/^## (.+)$/gm)].map(([, name = '']) => name);
}

/** Throws an Error for a heading that is not there, and for a block that nothing says the place of. */
export function recipeOf(name: string): Recipe {
  const [, rest] = page.split(`\n## ${name}\n`);
  if (rest === undefined) throw new Error(`docs/recipes.md has no recipe "${name}"`);
  return blocksOf(rest.split('\n## ')[0] ?? '', `docs/recipes.md, "${name}"`);
}

/** The nginx blocks of a text, by where the line before each says that it goes. Throws an Error where none says so. */
export function blocksOf(text: string, where: string): Recipe {
  const recipe = { inside: '', outside: '' };
  for (const { 0: block, 1: lines = '', index } of text.matchAll(/```nginx[^\n]*\n(.*?)```/gs)) {
    const place = /(?:^|\n)(Inside|Outside) `server \{\}`[^\n]*:$/.exec(text.slice(0, index).trimEnd())?.[1];
    if (!place || block === '') {
      throw new Error(`${where}: put "Inside \`server {}\`:" or "Outside \`server {}\`:" before the block`);
    }
    recipe[place.toLowerCase() as 'inside' | 'outside'] += lines;
  }
  return recipe;
}

/**
 * On each target: `body` declares tests of a recipe that runs as it stands in the docs. The test's own provider stands for
 * https://idp.example.com, its application for each upstream, free ports for each `listen`.
 */
export function testRecipe(name: string, body: (kitchen: () => Kitchen) => void, options: KitchenOptions = {}): void {
  onEachTarget(`recipe "${name}"`, (nginx) => {
    useNginx();
    let kitchen: Kitchen;
    const browsers: Agent[] = [];

    beforeAll(async () => {
      const provider = await startMisbehavingProvider();
      const application = await startEchoApplication();
      const urls: Record<string, string> = {};
      const { inside, outside } = recipeOf(name);
      const parts = { provider, application };
      const prepared = async (text: string) =>
        (options.edit ?? ((same: string) => same))(await withAddresses(text, parts, urls), parts);
      const insideText = await prepared(inside);
      const site = await startSite({
        nginx,
        issuer: provider.issuer,
        application: application.address,
        http: await prepared(outside),
        editFrontend: (conf) => withInside(without(conf, options.without ?? []), insideText),
        ...(options.changes ? { changes: options.changes } : {}),
      });
      const browser = () => {
        const agent = createAgent();
        browsers.push(agent);
        return agent;
      };
      kitchen = { ...parts, site, urls, browser };
    });
    afterAll(async () => {
      await Promise.all(browsers.map((agent) => agent.close()));
      await kitchen.provider.stop();
      await kitchen.application.stop();
    });

    body(() => kitchen);
  });
}

async function withAddresses(
  text: string,
  { provider, application }: Pick<Kitchen, 'provider' | 'application'>,
  urls: Record<string, string>,
): Promise<string> {
  let result = text
    .replaceAll('https://idp.example.com', provider.issuer)
    .replace(/"(?:\w+-)?client-secret"/g, `"${testClient.secret}"`)
    .replace(/^(\s*server )127\.0\.0\.1:\d+;/gm, `$1${application.address};`)
    .replace(/^(\s*)(include conf\.d\/openid_connect\.server_conf;)/gm, '$1$2 set $oidc_insecure_http_provider 1;');
  for (const [line, port = ''] of text.matchAll(/^\s*listen (\d+)\b[^;]*;/gm)) {
    const free = await freePort();
    urls[port] = `http://127.0.0.1:${free}`;
    result = result.replace(line, line.replace(port, `127.0.0.1:${free}`));
  }
  return result;
}

/** Throws an Error for a setting that frontend.conf does not have. */
function without(conf: string, settings: string[]): string {
  return settings.reduce((rest, name) => {
    const line = new RegExp(`^ *set \\$oidc_${name} .*\\n`, 'm');
    if (!line.test(rest)) throw new Error(`frontend.conf has no line "set $oidc_${name}"`);
    return rest.replace(line, '');
  }, conf);
}

/** Puts lines at the end of the site's `server {}`; a `location /` among them takes the place of the shipped one. */
export function withInside(conf: string, text: string): string {
  const shippedLocation = /\n {4}location \/ \{\n.*?\n {4}\}\n/s;
  const [location] = shippedLocation.exec(conf) ?? [];
  if (!location) throw new Error('frontend.conf has no location /');
  const kept = /^location \/ \{/m.test(text) ? '\n' : location;
  return conf.replace(location, () => `\n${text}${kept}`);
}
