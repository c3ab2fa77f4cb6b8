import { compilePattern, type Pattern } from './pattern';
import type { ClaimTest } from './rule';
import type { SyntaxProblem, Word } from './rule-words';

// The tests that a rule can make. A value in a rule is compared with the claim as JSON has it, never with a joined text:
// an entry "a,b" is one entry.

type Scalar = string | number | boolean;

interface Operator {
  /** How many values it takes. */
  least: 0 | 1;
  most: number;
  /** Throws an Error whose message says what is wrong with the values. */
  make(values: Word[]): ClaimTest;
}

const anyNumber = 1000;
const one = (make: (value: Word) => ClaimTest): Operator => ({
  least: 1,
  most: 1,
  make: (values) => make(values[0] as Word),
});
const many = (make: (values: Word[]) => ClaimTest): Operator => ({ least: 1, most: anyNumber, make });
const none = (test: ClaimTest): Operator => ({ least: 0, most: 0, make: () => test });

const operators: Record<string, Operator> = {
  is: one((value) => (claim) => isScalar(claim) && same(claim, value)),
  any: many((values) => (claim) => entriesOf(claim).some((entry) => values.some((value) => same(entry, value)))),
  all: many((values) => (claim) => values.every((value) => entriesOf(claim).some((entry) => same(entry, value)))),
  // Denied until proven: a claim that is not there, or holds what cannot be compared, does not show that it lacks them.
  none: many(
    (values) => (claim) =>
      entriesOf(claim).length === lengthOf(claim) &&
      !entriesOf(claim).some((entry) => isRounded(entry) || values.some((value) => same(entry, value))),
  ),
  matches: one(({ text }) => {
    const pattern: Pattern = compilePattern(text);
    return (claim) => entriesOf(claim).some((entry) => typeof entry === 'string' && pattern(entry));
  }),
  exists: none((claim) => claim !== undefined),
  missing: none((claim) => claim === undefined),
  '<': compared((claim, limit) => claim < limit),
  '<=': compared((claim, limit) => claim <= limit),
  '>': compared((claim, limit) => claim > limit),
  '>=': compared((claim, limit) => claim >= limit),
};

/**
 * Reads `CLAIM OPERATOR VALUE ...`.
 * @param before a word before it, for the place of a test that has no words
 */
export function testOf(words: Word[], before: Word): { claim: string; holds: ClaimTest } | SyntaxProblem {
  const [claim, operator] = words;
  const values = words.slice(2);
  if (!claim || claim.text === '') {
    return { problem: 'nothing to test: "or" stands between two tests', at: (claim || before).at };
  }
  if (!operator || operator.quoted || !Object.prototype.hasOwnProperty.call(operators, operator.text)) {
    const known = Object.keys(operators).join(', ');
    return { problem: `after the claim "${claim.text}" stands one of: ${known}`, at: (operator || claim).at };
  }
  const { least, most, make } = operators[operator.text] as Operator;
  if (values.length < least || values.length > most) {
    const expected = most === 0 ? 'no value' : most === 1 ? 'one value; for several there is "any"' : 'a value';
    return { problem: `"${operator.text}" takes ${expected}`, at: (values[most] || operator).at };
  }
  try {
    return { claim: claim.text, holds: make(values) };
  } catch (error) {
    return { problem: (error as Error).message, at: (values[0] as Word).at };
  }
}

function isScalar(value: unknown): value is Scalar {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

/** What can be compared in a list; a single value is a list of one, a missing one an empty one. */
function entriesOf(claim: unknown): Scalar[] {
  return (Array.isArray(claim) ? claim : [claim]).filter(isScalar);
}

/** How long the list is; 1 for a claim that is not there, so that it is never what can be compared. */
function lengthOf(claim: unknown): number {
  return Array.isArray(claim) ? claim.length : 1;
}

/** A word without quotes is also the number, or `true` and `false`, that are written so. */
function same(entry: Scalar, { text, quoted }: Word): boolean {
  return typeof entry === 'string' ? entry === text : !quoted && !isRounded(entry) && String(entry) === text;
}

/** JavaScript keeps integers exactly up to 2^53: a longer one is another one by now. */
function isRounded(value: Scalar): boolean {
  return typeof value === 'number' && Math.abs(value) > 9007199254740991;
}

const decimal = /^-?\d{1,15}(?:\.\d{1,6})?$/;

/** The claim is a number, or a text that is nothing but one: some providers send every attribute as text. */
function compared(holds: (claim: number, limit: number) => boolean): Operator {
  return one(({ text }) => {
    if (!decimal.test(text)) {
      throw new Error(`"${text}" is no decimal number`);
    }
    const limit = Number(text);
    return (claim) => {
      const number = typeof claim === 'string' && decimal.test(claim) ? Number(claim) : claim;
      return typeof number === 'number' && !isRounded(number) && holds(number, limit);
    };
  });
}
