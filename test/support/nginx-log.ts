const severe = /^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d \[(?:error|alert|crit|emerg)\]|^nginx: \[(?:alert|crit|emerg)\]/;

/** Watches what an error log gains: which severe lines nobody announced. */
export interface LogCheck {
  expect(pattern: RegExp): void;
  /** severe lines since the last accept() that match no expected pattern */
  unexpected(log: string): string[];
  /** everything so far is dealt with; expectations end */
  accept(log: string): void;
}

export function createLogCheck(): LogCheck {
  let patterns: RegExp[] = [];
  let checked = 0;
  return {
    expect: (pattern) => {
      patterns.push(pattern);
    },
    unexpected: (log) =>
      log
        .slice(checked)
        .split('\n')
        .filter((line) => severe.test(line) && !patterns.some((pattern) => line.search(pattern) >= 0)),
    accept: (log) => {
      checked = log.length;
      patterns = [];
    },
  };
}

export function lastLines(text: string, count: number): string {
  return text.trimEnd().split('\n').slice(-count).join('\n');
}
