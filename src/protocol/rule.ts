// What a location asks of the person's claims ($oidc_require): statements, all of which must hold; each is one test, or
// several with "or" between them, one of which must.

import { claimAt } from './claim-path';
import type { JsonObject } from './json';
import { testOf } from './rule-test';
import { type SyntaxProblem, splitRule, type Word } from './rule-words';

/** What a test says of a claim; undefined where it is not there. It decides, and never throws. */
export type ClaimTest = (value: unknown) => boolean;

/** A rule that was read. */
export interface Rule {
  readonly statements: readonly Statement[];
}

interface Statement {
  /** As the operator wrote it, for the log. */
  readonly text: string;
  readonly tests: readonly { claim: string; holds: ClaimTest }[];
}

/** Why somebody may not: for the log, it names claims and no values of theirs. */
export interface Denial {
  /** The first statement that does not hold. */
  statement: string;
  /** Its claims, and whether the person has them. */
  claims: { name: string; isThere: boolean }[];
}

const mostTests = 100;
const mostCharacters = 8000;

/** A rule without a statement holds for nobody: what an operator wrote must mean something. */
export function parseRule(text: string): Rule | SyntaxProblem {
  if (text.length > mostCharacters) {
    return { problem: `longer than ${mostCharacters} characters`, at: mostCharacters };
  }
  if (/[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/.test(text) || text.indexOf('\ufffd') >= 0) {
    return { problem: 'control characters, or characters that are not UTF-8', at: 1 };
  }
  const split = splitRule(text);
  if ('problem' in split) {
    return split;
  }
  const statements: Statement[] = [];
  for (const words of split) {
    const tests: { claim: string; holds: ClaimTest }[] = [];
    for (const alternative of alternatives(words)) {
      const test = testOf(alternative, words[0] as Word);
      if ('problem' in test) {
        return test;
      }
      tests.push(test);
    }
    statements.push({ text: words.map(shown).join(' '), tests });
  }
  const count = statements.reduce((sum, { tests }) => sum + tests.length, 0);
  return count === 0 || count > mostTests
    ? { problem: count === 0 ? 'nothing in it' : `more than ${mostTests} tests`, at: 1 }
    : { statements };
}

/** The same for a setting, which may be empty; throws an Error whose message says what is wrong, and where. */
export function readRule(text: string): Rule | undefined {
  const rule = text === '' ? undefined : parseRule(text);
  if (rule && 'problem' in rule) {
    const where = JSON.stringify(text.slice(rule.at - 1, rule.at + 29));
    throw new Error(`cannot be read at character ${rule.at}, ${where}: ${rule.problem}`);
  }
  return rule;
}

/** The words between those that are `or`. */
function alternatives(words: Word[]): Word[][] {
  const parts: Word[][] = [[]];
  for (const word of words) {
    if (!word.quoted && word.text === 'or') {
      parts.push([]);
    } else {
      (parts[parts.length - 1] as Word[]).push(word);
    }
  }
  return parts;
}

function shown({ text, quoted }: Word): string {
  return quoted ? `"${text.replace(/["\\]/g, '\\$&')}"` : text;
}

/** Undefined where the claims do all that the rule asks. */
export function denialOf({ statements }: Rule, claims: JsonObject): Denial | undefined {
  for (const { text, tests } of statements) {
    if (!tests.some(({ claim, holds }) => holds(claimAt(claims, claim)))) {
      const named = tests.map(({ claim }) => ({ name: claim, isThere: claimAt(claims, claim) !== undefined }));
      return { statement: text, claims: named };
    }
  }
  return undefined;
}
