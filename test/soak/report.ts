import type { Measured } from './measure';

/** What was measured at a node as a table for a terminal or a page, a line for each time. */
export function table(measured: readonly Measured[]): string {
  const first = measured[0]?.at ?? 0;
  const head = ['minutes', 'workers: own memory (KB)', 'PSS (KB)', 'zone oidc_sessions: free (KB)', 'entries'];
  const lines = measured.map(({ at, workers, zones }) => {
    const { free = 0, kinds = {} } = zones.oidc_sessions ?? {};
    return [
      ((at - first) / 60_000).toFixed(1),
      workers.map(({ own }) => own).join(' '),
      workers.map(({ pss }) => pss).join(' '),
      String(Math.round(free / 1024)),
      Object.entries(kinds)
        .map(([kind, number]) => `${kind}:${number}`)
        .join(' ') || '0',
    ];
  });
  return [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
