import { test } from 'vitest';
import { isOidcError } from '../../src/protocol/errors';
import { type Random, randomFrom } from './random';

const cases = Number(process.env.OIDC_FUZZ_CASES ?? 100_000);
const firstSeed = Number(process.env.OIDC_FUZZ_SEED ?? Date.now() % 1_000_000_000);
/** No input may take longer, milliseconds; far above what any needs, because other work shares the machine. */
const slowest = 2000;
const atOnce = 64;

/**
 * Runs one parser on many inputs. It may return or throw an OidcError, nothing else, in bounded time.
 * @param make an input
 * @param check runs the parser and throws an Error when an invariant is broken
 */
export function fuzz<Input>(
  name: string,
  make: (random: Random) => Input,
  check: (input: Input) => unknown | Promise<unknown>,
): void {
  test(`${name}: ${cases} cases`, async () => {
    const random = randomFrom(firstSeed ^ hash(name));
    const outcomes = { passed: 0, refused: 0 };
    const one = async (input: Input) => {
      const began = performance.now();
      try {
        const result = check(input);
        if (result instanceof Promise) await result;
        outcomes.passed++;
      } catch (error) {
        if (!isOidcError(error)) throw failure(name, input, error);
        outcomes.refused++;
      }
      return performance.now() - began;
    };
    for (let done = 0; done < cases; done += atOnce) {
      const took = await Promise.all(Array.from({ length: Math.min(atOnce, cases - done) }, () => one(make(random))));
      const worst = Math.max(...took);
      if (worst > slowest) throw new Error(`${name}: an input took ${worst} ms; OIDC_FUZZ_SEED=${firstSeed}`);
    }
    console.log(`${name}: ${outcomes.passed} accepted, ${outcomes.refused} refused`);
  });
}

/** An invariant; `what` names it. */
export function invariant(what: string, holds: boolean): void {
  if (!holds) throw new Error(`broken: ${what}`);
}

function failure(name: string, input: unknown, cause: unknown): Error {
  const shown = String(JSON.stringify(input)).slice(0, 2000);
  return new Error(`${name}: ${cause}\nOIDC_FUZZ_SEED=${firstSeed}, input: ${shown}`, { cause });
}

function hash(name: string): number {
  return [...name].reduce((sum, character) => Math.imul(sum, 31) + (character.codePointAt(0) ?? 0), 7);
}
