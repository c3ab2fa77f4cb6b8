// Regular expressions without backtracking: the time for a text grows with its length alone, whatever the pattern is.
// They match a whole text. There are no references, no assertions and no flags.

import { parsePattern, type Tree } from './pattern-syntax';

/** Tells whether the whole of a text matches. */
export type Pattern = (text: string) => boolean;

/** A longer text matches nothing. */
const mostCharacters = 1024;
/** Of one pattern, once its counted repetitions are written out. */
const mostSteps = 1000;

/** One step of the machine: a character to take, or where to go on without one. */
type Step = { takes: (character: number) => boolean } | { to: number[] };

/** Throws an Error whose message says what is wrong with the pattern. */
export function compilePattern(source: string): Pattern {
  const steps: Step[] = [];
  write(parsePattern(source), steps);
  return (text) => {
    const characters = codePoints(text);
    return characters.length <= mostCharacters && run(steps, characters);
  };
}

/** Appends the steps for `tree`; what follows it begins at the end of the list. */
function write(tree: Tree, steps: Step[]): void {
  if (steps.length > mostSteps) {
    throw new Error(`is too large: more than ${mostSteps} steps`);
  }
  if (tree.kind === 'character') {
    steps.push({ takes: tree.matches });
  } else if (tree.kind === 'sequence') {
    tree.parts.forEach((part) => {
      write(part, steps);
    });
  } else if (tree.kind === 'choice') {
    writeChoice(tree.parts, steps);
  } else {
    writeRepetition(tree, steps);
  }
}

function writeChoice(parts: Tree[], steps: Step[]): void {
  const fork: number[] = [];
  const ends: number[][] = [];
  steps.push({ to: fork });
  for (const part of parts) {
    fork.push(steps.length);
    write(part, steps);
    const end: number[] = [];
    ends.push(end);
    steps.push({ to: end });
  }
  for (const end of ends) {
    end.push(steps.length);
  }
}

function writeRepetition({ part, least, most }: Extract<Tree, { kind: 'repetition' }>, steps: Step[]): void {
  for (let count = 0; count < least; count++) {
    write(part, steps);
  }
  if (most === undefined) {
    const fork: number[] = [steps.length + 1];
    const at = steps.length;
    steps.push({ to: fork });
    write(part, steps);
    steps.push({ to: [at] });
    fork.push(steps.length);
    return;
  }
  const forks: number[][] = [];
  for (let count = least; count < most; count++) {
    const fork: number[] = [steps.length + 1];
    forks.push(fork);
    steps.push({ to: fork });
    write(part, steps);
  }
  for (const fork of forks) {
    fork.push(steps.length);
  }
}

/** All ways at once: after each character, the steps that could be next, each of them once. */
function run(steps: Step[], characters: number[]): boolean {
  let now = reached(steps, [0]);
  for (const character of characters) {
    const next: number[] = [];
    for (const at of now) {
      const step = steps[at];
      if (step && 'takes' in step && step.takes(character)) {
        next.push(at + 1);
      }
    }
    if (next.length === 0) {
      return false;
    }
    now = reached(steps, next);
  }
  return now.indexOf(steps.length) >= 0;
}

/** The steps that take a character, and the end, as far as they are reached from `starts` without one. */
function reached(steps: Step[], starts: number[]): number[] {
  const seen: boolean[] = [];
  const found: number[] = [];
  const todo = starts.slice();
  while (todo.length > 0) {
    const at = todo.pop() as number;
    if (seen[at]) {
      continue;
    }
    seen[at] = true;
    const step = steps[at];
    if (step && 'to' in step) {
      step.to.forEach((to) => {
        todo.push(to);
      });
    } else {
      found.push(at);
    }
  }
  return found;
}

/** The njs engine counts characters, QuickJS counts those beyond the first plane twice. */
const widthOfAstral = '\u{1f600}'.length;

/** The characters of a text, the same on every engine. */
export function codePoints(text: string): number[] {
  const points: number[] = [];
  for (let at = 0; at < text.length; ) {
    const point = text.codePointAt(at) as number;
    points.push(point);
    at += point > 0xffff ? widthOfAstral : 1;
  }
  return points;
}
