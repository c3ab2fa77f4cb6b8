/** One thing that the configuration check looked at. All of it is text to show as it stands. */
export interface Finding {
  about: string;
  /** `info` is neither good nor bad; only `problem` keeps people from signing in. */
  state: 'ok' | 'info' | 'warning' | 'problem';
  value: string;
  remedy?: string;
}

export function finding(state: Finding['state'], about: string, value: string, remedy?: string): Finding {
  return remedy === undefined ? { about, state, value } : { about, state, value, remedy };
}

/** How many people would have to act on. */
export function countProblems(findings: Finding[]): number {
  return findings.filter(({ state }) => state === 'problem').length;
}
