import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { probeBuild } from './build';
import { modulesFolder } from './installed';
import type { Nginx } from './target';

/** Whether somebody wants the tests to run on a real NGINX Plus. */
export function plusIsNamed(env: NodeJS.ProcessEnv = process.env): boolean {
  return Boolean(env.NGINX_PLUS_BINARY);
}

/** The release that `nginx -v` or `nginx -V` tells, such as `r34`; undefined for an NGINX that is not Plus. */
export function plusRelease(described: string): string | undefined {
  return /\(nginx-plus-(r\d+(?:-p\d+)?)\)/.exec(described)?.[1];
}

/**
 * The NGINX Plus that NGINX_PLUS_BINARY names. Its JavaScript module is in the folder NGINX_PLUS_MODULES, or where the
 * binary looks for modules; R33 and newer start only with a licence: NGINX_PLUS_LICENSE, or their own place for it.
 * Throws an Error that names the variable, and what is wrong.
 */
export async function findPlus(env: NodeJS.ProcessEnv = process.env): Promise<Nginx> {
  const { NGINX_PLUS_BINARY: named, NGINX_PLUS_MODULES: modules, NGINX_PLUS_LICENSE: licence } = env;
  if (!named) throw new Error('NGINX Plus: set NGINX_PLUS_BINARY to its binary');
  const refuse = (why: string) => new Error(`NGINX_PLUS_BINARY=${named} cannot be used: ${why}`);
  const binary = resolve(named);
  const described = await promisify(execFile)(binary, ['-V'], { timeout: 10_000 }).catch((error: Error) => error);
  if (described instanceof Error) throw refuse(described.message.trim());
  const release = plusRelease(described.stderr);
  if (!release) {
    throw refuse(`it is no NGINX Plus but ${described.stderr.split('\n')[0]}; for that one set NGINX_BINARY`);
  }
  const modulePath = join(modules ? resolve(modules) : modulesFolder(described.stderr), 'ngx_http_js_module.so');
  if (!existsSync(modulePath))
    throw refuse(`there is no ${modulePath}: install nginx-plus-module-njs, or set NGINX_PLUS_MODULES`);
  if (licence && !existsSync(licence)) throw refuse(`there is no NGINX_PLUS_LICENSE=${licence}`);
  const main = licence ? `mgmt { license_token "${resolve(licence)}"; }` : '';
  const { version, njsVersion } = await probeBuild([binary], modulePath, 'NGINX_PLUS_BINARY', main).catch(
    (error: Error) => {
      throw refuse(`it does not start: ${error.message}${licence ? '' : '\n(R33 and newer need NGINX_PLUS_LICENSE)'}`);
    },
  );
  const source = `NGINX_PLUS_BINARY: ${binary}, ${release}`;
  return { target: 'P', command: [binary], modulePath, engine: 'njs', version, njsVersion, source, main };
}
