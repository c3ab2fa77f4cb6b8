import type { Suite } from './apt-download';
import { type Build, targetsOf } from './build';
import { debianBuild } from './debian';
import { type Installed, installedBuilds } from './installed';
import { findPlus } from './plus';
import { type Nginx, type Target, targets } from './target';

const suiteOf: Record<Exclude<Target, 'P'>, Suite> = { A: 'trixie', B: 'forky', C: 'forky' };
const meaningOf: Record<Target, string> = {
  A: 'nginx 1.26 with njs 0.8',
  B: 'nginx 1.30 with njs 1.0',
  C: 'nginx 1.30 with njs 1.0 and QuickJS',
  P: 'NGINX Plus',
};
let installedOnce: Promise<Installed> | undefined;
const debianOnce = new Map<Suite, Promise<Build>>();

/**
 * The NGINX for one target: NGINX_BINARY, else `nginx` on PATH, else Debian's packages unpacked into `.cache/nginx`.
 * Throws an Error that says what was tried and what to do.
 * NGINX Plus is the one that NGINX_PLUS_BINARY names.
 */
export async function findNginx(target: Target): Promise<Nginx> {
  if (target === 'P') return findPlus();
  const { builds, notes } = await installed();
  const match = builds.find((build) => targetsOf(build).includes(target));
  if (match) return asTarget(match, target);
  const others = builds.map((build) => `${build.source} has njs ${build.njsVersion}, which is another target`);
  const suite = suiteOf[target];
  try {
    const build = await debian(suite);
    if (targetsOf(build).includes(target)) return asTarget(build, target);
    others.push(`Debian ${suite} now has nginx ${build.version} with njs ${build.njsVersion}, which is another target`);
  } catch (error) {
    others.push(`Debian ${suite} packages: ${(error as Error).message}`);
  }
  throw new Error(explain(`No NGINX found for target ${target} (${meaningOf[target]}).`, [...notes, ...others]));
}

/** The first that works, for running the product rather than testing it: what is installed, else target C from Debian. */
export async function findAnyNginx(): Promise<Nginx> {
  const { builds } = await installed();
  const [first] = builds;
  if (!first) return findNginx('C');
  const qjs = first.engines.includes('qjs');
  return asTarget(first, targetsOf(first).at(-1) ?? (qjs ? 'C' : 'A'));
}

/** Every target that can be had here, in order. Throws an Error when there is none. */
export async function availableTargets(): Promise<Nginx[]> {
  const results = await Promise.allSettled(targets.map(findNginx));
  const found = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const [failure] = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as Error] : []));
  if (found.length === 0 && failure) throw failure;
  return found;
}

function installed(): Promise<Installed> {
  installedOnce ??= installedBuilds();
  return installedOnce;
}

function debian(suite: Suite): Promise<Build> {
  const pending = debianOnce.get(suite) ?? debianBuild(suite);
  debianOnce.set(suite, pending);
  return pending;
}

function asTarget(build: Build, target: Target): Nginx {
  const { command, modulePath, version, njsVersion, source } = build;
  return { target, command, modulePath, engine: target === 'C' ? 'qjs' : 'njs', version, njsVersion, source };
}

function explain(headline: string, tried: string[]): string {
  return [
    headline,
    ...tried.map((line) => `  - ${line}`),
    'Install nginx (1.26 or newer) and its JavaScript module (Debian: apt-get install nginx libnginx-mod-http-js),',
    'or set NGINX_BINARY=/path/to/nginx, and NGINX_JS_MODULE=/path/to/ngx_http_js_module.so if it lies elsewhere.',
  ].join('\n');
}
