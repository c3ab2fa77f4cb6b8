import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunningNginx } from './nginx';
import { DemoError } from './options';

interface Part {
  stop(): Promise<void>;
}

/** What a demo is made of: parts are stopped in the reverse order in which they were added. */
export interface Demo {
  /** Throws a DemoError where somebody has ended the demo meanwhile. */
  add<T extends Part>(part: T): T;
}

/**
 * Runs a demo until Ctrl-C, or until the NGINX ends by itself that `start` returns; undefined: nothing was to start.
 * Says what went wrong, stops every part, and resolves with the exit code.
 */
export async function untilInterrupted(start: (demo: Demo) => Promise<RunningNginx | undefined>): Promise<number> {
  let interrupted = false;
  const interruption = new Promise<undefined>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => {
        interrupted = true;
        resolve(undefined);
      });
    }
  });
  const parts: Part[] = [];
  const demo: Demo = {
    add(part) {
      parts.push(part);
      if (interrupted) throw new DemoError('interrupted');
      return part;
    },
  };
  const starting = start(demo);
  try {
    const site = await Promise.race([starting, interruption]);
    if (site === undefined && !interrupted) return 0;
    await Promise.race([site?.ended ?? interruption, interruption]);
    if (!interrupted && site) throw new DemoError(`NGINX ended by itself:\n\n${readFileSync(site.errorLog, 'utf8')}`);
    process.stdout.write('\nStopped.\n');
    return 0;
  } catch (error) {
    if (interrupted) return 0;
    process.stderr.write(error instanceof DemoError ? `\n${error.message}\n` : `\n${(error as Error).stack}\n`);
    return 1;
  } finally {
    await Promise.race([starting.catch(() => undefined), sleep(3000)]);
    for (const { stop } of parts.reverse()) await stop();
  }
}
