import { readFileSync } from 'node:fs';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const helpers = readFileSync(new URL('../../../scripts/build/async-functions.js', import.meta.url), 'utf8');

/** Runs a text as it is, and lowered to ES5 with the helpers of the build: what `log` saw, and the result. */
async function both(body: string) {
  const source = `async function main(log) { ${body} }`;
  const lowered = ts.transpileModule(source, {
    compilerOptions: { target: ts.ScriptTarget.ES5, noEmitHelpers: true, ignoreDeprecations: '5.0' },
  }).outputText;
  const run = async (code: string) => {
    const seen: unknown[] = [];
    const main = new Function(`${code}; return main;`)() as (log: (value: unknown) => void) => Promise<unknown>;
    const promise = main((value) => seen.push(value));
    seen.push('returned');
    const result = await promise.then(
      (value) => ['resolved', value],
      (error) => ['rejected', String(error)],
    );
    return { seen, result };
  };
  return { native: await run(source), lowered: await run(`${helpers}\n${lowered}`) };
}

const later = 'const later = (value) => new Promise((resolve) => setTimeout(() => resolve(value), 0));';
const never = 'const never = (text) => Promise.reject(new Error(text));';

describe('async functions as the build lowers them', () => {
  it.each([
    ['returns a value', 'return 1;'],
    ['returns nothing', ''],
    ['returns a promise', `${later} return later(7);`],
    ['throws at once', 'throw new Error("at once");'],
    ['waits for values and promises', `${later} log(await 1); log(await later(2)); return await later(3);`],
    ['passes on a rejection', `${never} await never("no"); log("unreachable");`],
    ['catches a rejection', `${never} try { await never("no"); } catch (error) { log(String(error)); } return 2;`],
    [
      'catches a throw after a wait',
      `${later} try { await later(1); throw new Error("x"); } catch (e) { log(String(e)); }`,
    ],
    ['throws from a catch block', `${never} try { await never("a"); } catch (e) { await 1; throw new Error("b"); }`],
    ['runs finally after a value', `try { return await 1; } finally { await 2; log("finally"); }`],
    ['runs finally after a rejection', `${never} try { await never("no"); } finally { log("finally"); await 1; }`],
    [
      'runs finally after catch',
      `${never} try { await never("no"); } catch { return 5; } finally { log("f"); await 0; }`,
    ],
    ['lets finally override', `try { return await 1; } finally { await 0; return 2; }`],
    ['lets finally throw', `try { return await 1; } finally { await 0; throw new Error("from finally"); }`],
    [
      'nests',
      `${never} try { try { await never("in"); } finally { log("1"); await 0; } } catch (e) { log(String(e)); }`,
    ],
    [
      'nests catch in catch',
      `${never} try { await never("a"); } catch { try { await never("b"); } catch (e) { log(String(e)); } }`,
    ],
    [
      'loops',
      `${later} let sum = 0; for (let i = 0; i < 5; i++) { if (i === 3) continue; sum += await later(i); } return sum;`,
    ],
    [
      'breaks out of try in a loop',
      `for (;;) { try { await 1; break; } finally { log("f"); await 0; } } return "out";`,
    ],
    [
      'continues in try in a loop',
      `for (let i = 0; i < 3; i++) { try { await i; if (i < 2) continue; log(i); } finally { log("f" + i); } }`,
    ],
    [
      'returns from try in a loop',
      `${never} for (let i = 0; ; i++) { try { if (i === 2) return i; await never("x"); } catch { log(i); await 0; } }`,
    ],
    [
      'waits in expressions',
      `${later} const f = (a, b) => a - b; return f(await later(5), await later(3)) + (true && (await later(1)));`,
    ],
    ['calls itself', `const down = async (n) => (n === 0 ? "end" : down(n - 1)); return down(20);`],
    ['waits for a thenable', `return await { then: (resolve) => resolve("thenable") };`],
    ['takes destructured parameters', 'const f = async ({ a }) => a + (await 1); return f({ a: 2 });'],
    ['rejects when they fail', 'const f = async ({ a }) => a; return f(null).catch(() => "rejected");'],
    [
      'runs side by side',
      `${later} const f = async (n) => { log("a" + n); await later(0); log("b" + n); }; await Promise.all([f(1), f(2)]);`,
    ],
  ])('%s', async (_title, body) => {
    const { native, lowered } = await both(body);
    expect(lowered).toEqual(native);
  });
});
