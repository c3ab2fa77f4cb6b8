import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { atLeast } from './build';
import type { Nginx } from './find';
import { installedBuilds } from './installed';

/** `nginx-plus-r34` of what `nginx -v` says; undefined for open-source NGINX. */
export function plusRelease(said: string): string | undefined {
  return /\((nginx-plus-r\d+(?:-p\d+)?)\)/.exec(said)?.[1];
}

/**
 * The NGINX Plus that NGINX_PLUS_BINARY names (its js module: NGINX_JS_MODULE, or in the binary's own module folder);
 * undefined where the variable is not set. It stands for the target whose njs it has.
 * Throws an Error when the binary is no NGINX Plus or cannot be used.
 */
export async function findNginxPlus(env: NodeJS.ProcessEnv = process.env): Promise<Nginx | undefined> {
  if (!env.NGINX_PLUS_BINARY) return undefined;
  const binary = resolve(env.NGINX_PLUS_BINARY);
  const { stderr } = await promisify(execFile)(binary, ['-v'], { timeout: 10_000 }).catch((error: Error) => {
    throw new Error(`NGINX_PLUS_BINARY=${binary} cannot be used: ${error.message.trim()}`);
  });
  const plus = plusRelease(stderr);
  if (!plus) throw new Error(`NGINX_PLUS_BINARY=${binary} is no NGINX Plus: it says "${stderr.trim()}"`);
  const { builds } = await installedBuilds({ ...env, NGINX_BINARY: binary, PATH: '' });
  const [build] = builds;
  if (!build) throw new Error(`NGINX_PLUS_BINARY=${binary}: no js module that can be used`);
  const target = atLeast(build.njsVersion, '0.9') ? 'B' : 'A';
  const { command, modulePath, version, njsVersion } = build;
  return {
    target,
    plus,
    command,
    modulePath,
    engine: 'njs',
    version,
    njsVersion,
    source: `NGINX_PLUS_BINARY: ${binary}`,
  };
}
