import { execFile } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, isAbsolute, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { type Build, isNewEnough, probeBuild } from './build';

const moduleFile = 'ngx_http_js_module.so';

/** What the machine has, best first, and in words why the rest is not usable. */
export interface Installed {
  builds: Build[];
  notes: string[];
}

/**
 * The NGINX that NGINX_BINARY names (js module: NGINX_JS_MODULE, or in the binary's own module folder), then the one
 * on PATH. Throws an Error when NGINX_BINARY is set and cannot be used: an explicit wish is not passed over.
 */
export async function installedBuilds(env: NodeJS.ProcessEnv = process.env): Promise<Installed> {
  const builds: Build[] = [];
  const notes: string[] = [];
  if (env.NGINX_BINARY) {
    const named = await inspect(resolve(env.NGINX_BINARY), env.NGINX_JS_MODULE, 'NGINX_BINARY');
    if (typeof named === 'string') throw new Error(`NGINX_BINARY=${env.NGINX_BINARY} cannot be used: ${named}`);
    builds.push(named);
  } else {
    notes.push('NGINX_BINARY is not set');
  }
  const onPath = findOnPath(env.PATH);
  const found = onPath ? await inspect(onPath, undefined, 'PATH') : 'none there';
  if (typeof found === 'string') notes.push(`nginx on PATH: ${found}`);
  else builds.push(found);
  return { builds, notes };
}

async function inspect(binary: string, module: string | undefined, origin: string): Promise<Build | string> {
  const run = promisify(execFile);
  const described = await run(binary, ['-V'], { timeout: 10_000 }).catch((error: Error) => error);
  if (described instanceof Error) return described.message.trim();
  const modulePath = module ? resolve(module) : join(modulesFolder(described.stderr), moduleFile);
  if (!existsSync(modulePath)) return `${binary} has no ${modulePath}`;
  try {
    const build = await probeBuild([binary], modulePath, `${origin}: ${binary}`);
    return isNewEnough(build)
      ? build
      : `${binary} is nginx ${build.version} with njs ${build.njsVersion}: too old, nginx 1.26 and njs 0.8.9 are needed`;
  } catch (error) {
    return `${binary} with ${modulePath} does not start: ${(error as Error).message}`;
  }
}

/** Where `nginx -V` says that its dynamic modules are. */
export function modulesFolder(configureArguments: string): string {
  const option = (name: string) => new RegExp(`--${name}=(\\S+)`).exec(configureArguments)?.[1];
  const prefix = option('prefix') ?? '/usr/local/nginx';
  const folder = option('modules-path') ?? 'modules';
  return isAbsolute(folder) ? folder : join(prefix, folder);
}

/** nginx is often in a sbin folder, which the PATH of ordinary users lacks. */
function findOnPath(path = ''): string | undefined {
  const folders = [...path.split(delimiter).filter(isAbsolute), '/usr/sbin', '/usr/local/sbin'];
  return folders
    .map((folder) => join(folder, 'nginx'))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}
