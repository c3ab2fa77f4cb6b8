import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Engine, Target } from './target';

/** One NGINX with its JavaScript module, as it is on disk; it may serve several targets. */
export interface Build {
  /** argv prefix: the binary, behind its own loader where it has one */
  command: string[];
  /** absolute path of ngx_http_js_module.so */
  modulePath: string;
  version: string;
  njsVersion: string;
  engines: Engine[];
  /** where it came from, for people */
  source: string;
}

const oldestNginx = '1.26';
const oldestNjs = '0.8.9';

/** Compares dotted numbers: atLeast('1.30.6', '1.26') is true. */
export function atLeast(version: string, oldest: string): boolean {
  const [have, need] = [version, oldest].map((text) => text.split('.').map(Number));
  for (const [index, number] of (need ?? []).entries()) {
    const difference = (have?.[index] ?? 0) - number;
    if (difference !== 0) return difference > 0;
  }
  return true;
}

/** Whether the product supports these versions at all. */
export function isNewEnough(build: Pick<Build, 'version' | 'njsVersion'>): boolean {
  return atLeast(build.version, oldestNginx) && atLeast(build.njsVersion, oldestNjs);
}

/** The open-source targets of the test matrix that a build stands for: none for what lies between njs 0.8 and 1.0. */
export function targetsOf(build: Pick<Build, 'version' | 'njsVersion' | 'engines'>): Target[] {
  if (!isNewEnough(build)) return [];
  if (!atLeast(build.njsVersion, '0.9')) return ['A'];
  if (!atLeast(build.njsVersion, '1.0')) return [];
  return build.engines.includes('qjs') ? ['B', 'C'] : ['B'];
}

/**
 * Starts the binary for a moment on a unix socket and asks it for its versions, with each engine.
 * Throws an Error with what NGINX said when it does not start.
 * @param main more directives of the main context
 */
export async function probeBuild(command: string[], modulePath: string, source: string, main = ''): Promise<Build> {
  const { version, njsVersion } = await askVersions(command, modulePath, '', main);
  const engines: Engine[] = ['njs'];
  try {
    await askVersions(command, modulePath, 'js_engine qjs;', main);
    engines.push('qjs');
  } catch {
    // njs built without QuickJS refuses the directive
  }
  return { command, modulePath, version, njsVersion, engines, source };
}

async function askVersions(command: string[], modulePath: string, engine: string, main: string) {
  const dir = mkdtempSync(join(tmpdir(), 'nginx-probe-'));
  const socketPath = join(dir, 'socket');
  const temp = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path temp;`).join(' ');
  writeFileSync(join(dir, 'probe.js'), 'export default { version: () => njs.version };\n');
  writeFileSync(
    join(dir, 'nginx.conf'),
    `load_module "${modulePath}"; daemon off; master_process off; pid nginx.pid; error_log error.log; ${main}
     events {}
     http { access_log off; ${temp} ${engine} js_path "${dir}"; js_import probe from probe.js; js_set $njs probe.version;
            server { listen unix:${socketPath}; return 200 "$nginx_version $njs"; } }`,
  );
  const [binary = '', ...prefix] = command;
  const args = [...prefix, '-p', dir, '-e', 'error.log', '-c', join(dir, 'nginx.conf')];
  const child = spawn(binary, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  try {
    const answer = await firstAnswer(child, socketPath);
    const [version, njsVersion] = answer.split(' ');
    if (!version || !njsVersion) throw new Error(`unexpected answer "${answer}"`);
    return { version, njsVersion };
  } finally {
    child.kill('SIGKILL');
    rmSync(dir, { recursive: true, force: true });
  }
}

async function firstAnswer(child: ChildProcess, socketPath: string): Promise<string> {
  let said = '';
  let ended = false;
  child.stderr?.on('data', (chunk) => {
    said += chunk;
  });
  child.on('error', (error) => {
    said += error.message;
    ended = true;
  });
  child.on('close', () => {
    ended = true;
  });
  for (const end = Date.now() + 10_000; Date.now() < end && !ended; ) {
    const answer = await getText(socketPath).catch(() => undefined);
    if (answer !== undefined) return answer;
    await sleep(20);
  }
  throw new Error(said.trim() || 'it does not answer');
}

function getText(socketPath: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = get({ socketPath, path: '/', timeout: 2000 }, (response) => {
      let text = '';
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => resolve(text));
    });
    request.on('timeout', () => request.destroy(new Error('timeout')));
    request.on('error', reject);
  });
}
