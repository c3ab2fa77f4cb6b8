import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../', import.meta.url));

/** What a release is made of: the only places that tell its version and its date. */
export interface Release {
  /** of package.json: semantic versioning */
  version: string;
  /** seconds since 1970: the time of all that is packed */
  epoch: number;
  /** folder of the built files, with its subfolders */
  dist: string;
}

/** The release of this checkout. Throws an Error when its date cannot be told. */
export function thisRelease(env: NodeJS.ProcessEnv = process.env): Release {
  const { version } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as { version: string };
  return { version, epoch: sourceDateEpoch(env), dist: `${root}dist` };
}

/**
 * SOURCE_DATE_EPOCH (reproducible-builds.org), else the date of the commit.
 * Throws an Error that says to set the variable, where there is neither.
 */
export function sourceDateEpoch(env: NodeJS.ProcessEnv, folder = root): number {
  const named = env.SOURCE_DATE_EPOCH;
  if (named !== undefined) {
    if (!/^\d{1,11}$/.test(named)) throw new Error(`SOURCE_DATE_EPOCH=${named} is not a number of seconds since 1970`);
    return Number(named);
  }
  try {
    // whoever owns the checkout: only a date is read
    const args = ['-c', 'safe.directory=*', 'log', '-1', '--format=%ct'];
    const said = execFileSync('git', args, { cwd: folder, encoding: 'utf8', stdio: 'pipe' });
    return Number(said.trim());
  } catch {
    throw new Error('this is no git checkout, so its date is unknown: set SOURCE_DATE_EPOCH, seconds since 1970');
  }
}
