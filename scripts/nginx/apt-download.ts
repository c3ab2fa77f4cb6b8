import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { AptSource } from './apt-sources';

export type Suite = 'bookworm' | 'trixie' | 'forky';

const run = promisify(execFile);

/**
 * Downloads packages of a suite and all that they depend on into `<work>/cache/archives`, by an apt-get that knows
 * nothing of this machine's packages and sources: state, cache and sources are below `work`. Throws an Error with what
 * apt-get said.
 */
export async function download(
  work: string,
  suite: Suite,
  architecture: string,
  mirror: AptSource,
  packages: readonly string[],
): Promise<void> {
  const sources = join(work, 'sources.list');
  const status = join(work, 'status');
  const write = (option: string) =>
    writeFile(sources, `deb [arch=${architecture}${option}] ${mirror.uri} ${suite} main\n`);
  await mkdir(join(work, 'state/lists/partial'), { recursive: true });
  await mkdir(join(work, 'cache/archives/partial'), { recursive: true });
  await writeFile(status, '');
  await write(mirror.keyring ? ` signed-by=${mirror.keyring}` : '');
  const options = {
    'Dir::State': join(work, 'state'),
    'Dir::State::status': status,
    'Dir::Cache': join(work, 'cache'),
    'Dir::Etc::sourcelist': sources,
    'Dir::Etc::sourceparts': '/dev/null',
    'Dir::Etc::preferences': '/dev/null',
    'Dir::Etc::preferencesparts': '/dev/null',
    'APT::Architecture': architecture,
    'APT::Default-Release': '',
    'APT::Install-Recommends': 'false',
    'APT::Sandbox::User': 'root',
    'Acquire::Check-Valid-Until': 'false',
    'Acquire::Languages': 'none',
    'Acquire::IndexTargets::deb::DEP-11::DefaultEnabled': 'false',
    'Acquire::Retries': '3',
  };
  const settings = Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  try {
    await apt([...settings, '-o', 'APT::Update::Error-Mode=any', 'update']);
  } catch (error) {
    if (!lacksKey(String(error))) throw error;
    console.warn(`Debian ${suite}: this machine's archive keyring is too old to know its key; signature not verified.`);
    await write(' trusted=yes');
    await apt([...settings, 'update']);
  }
  await apt([...settings, '-y', '--download-only', 'install', ...packages]);
}

/** Only a key that is not there; a bad or an expired signature is never excused. */
export function lacksKey(aptOutput: string): boolean {
  return /NO_PUBKEY|Missing key/.test(aptOutput) && !/BADSIG|EXPKEYSIG|REVKEYSIG|EXPSIG|bad signature/i.test(aptOutput);
}

async function apt(args: string[]): Promise<void> {
  try {
    await run('apt-get', args, {
      timeout: 300_000,
      env: { ...process.env, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' },
    });
  } catch (error) {
    const { stderr = '', message } = error as { stderr?: string; message: string };
    throw new Error(`apt-get ${args.includes('update') ? 'update' : 'install'} failed: ${stderr.trim() || message}`);
  }
}
