export type State = 'passed' | 'failed' | 'todo' | 'skipped';

/** What a test is about, and how it ended. */
export interface Ended {
  about: string;
  state: State;
}

/** How many of the things to show are shown by tests: each once, however many tests it has. */
export interface Tally {
  of: number;
  green: number;
  failed: string[];
  todo: string[];
  /** no test of it ran */
  missing: string[];
}

/** A failed test makes a thing failed; a test that passed makes it green, although another is still to be written. */
export function tally(things: string[], tests: Ended[]): Tally {
  const all = things.map((thing) => {
    const states = tests.filter(({ about }) => about === thing).map(({ state }) => state);
    const state = (['failed', 'passed', 'todo'] as const).find((one) => states.includes(one)) ?? 'missing';
    return { thing, state };
  });
  const those = (state: string) => all.filter((one) => one.state === state).map(({ thing }) => thing);
  return {
    of: things.length,
    green: those('passed').length,
    failed: those('failed'),
    todo: those('todo'),
    missing: those('missing'),
  };
}

/** One line: `57 of 61 green, 4 todo: A8 A15 A22 A23`. Of `plan/module` the module is shown. */
export function describeTally({ of, green, failed, todo, missing }: Tally): string {
  const part = (what: string, names: string[]) => {
    const shown = names.length > 8 ? '' : `: ${names.map((name) => name.replace(/^.*\//, '')).join(' ')}`;
    return names.length === 0 ? [] : [`${names.length} ${what}${shown}`];
  };
  return [
    `${green} of ${of} green`,
    ...part('failed', failed),
    ...part('todo', todo),
    ...part('not run', missing),
  ].join(', ');
}
