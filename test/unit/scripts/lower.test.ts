import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lower } from '../../../scripts/build/lower.mjs';
import { asyncProgram } from '../../support/async-program';

const helpers = await lower(readFileSync(new URL('../../../scripts/build/babel-helpers.js', import.meta.url), 'utf8'));

/** Runs a text that declares main(log), as it is and lowered: what it logged and at which turn, and the result. */
async function both(source: string) {
  const lowered = await lower(source);
  return { native: await run(source), lowered: await run(`${helpers}\n${lowered}`) };
}

async function run(code: string) {
  const main = new Function(`'use strict'; ${code}; return main;`)() as (
    log: (value: unknown) => void,
  ) => Promise<unknown>;
  const seen: unknown[] = [];
  let turn = 0;
  let ended = false;
  const nextTurn = () => {
    turn++;
    if (!ended && turn < 2000) Promise.resolve().then(nextTurn);
  };
  nextTurn();
  const promise = main((value) => seen.push([turn, value]));
  seen.push('returned');
  const result = await promise.then(
    (value) => ['resolved', turn, value],
    (error) => ['rejected', turn, String(error)],
  );
  ended = true;
  return { seen, result };
}

const later = 'const later = (value) => new Promise((resolve) => setTimeout(() => resolve(value), 0));';
const never = 'const never = (text) => Promise.reject(new Error(text));';

describe('an async function as the build lowers it', () => {
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
      'keeps the value read before a wait',
      'const o = { n: 1 }; const add = async () => { o.n += 10; return 1; }; o.n += await add(); return o;',
    ],
    [
      'gives each round of a loop its variables',
      'const all = []; for (let i = 0; i < 3; i++) { let k = await i; all.push(() => i + k++); } return all.map((f) => f() + f());',
    ],
    [
      'leaves two loops at once from try blocks',
      'out: for (const a of [1, 2, 3]) { try { for (const b of [1, 2]) { try { await b; if (a === 2) break out; if (b === 1) continue out; log("no"); } finally { log("b" + a + b); } } } finally { await 0; log("a" + a); } }',
    ],
    [
      'returns out of a loop with closures',
      'for (const a of [1, 2, 3]) { const f = () => a; try { await 0; if (a === 2) return f(); } finally { log(f()); } }',
    ],
    [
      'throws out of a loop with closures',
      `${never} for (const a of [1, 2]) { const f = () => a; try { log(f()); await never("x" + a); } finally { log("f"); } }`,
    ],
    [
      'catches around a loop with closures',
      `${never} try { for (const a of [1, 2]) { const f = () => a; await never("x" + f()); } } catch (e) { log(String(e)); }`,
    ],
    [
      'evaluates arguments in order',
      `${later} const f = (...all) => all; return f(log("a"), await later(1), log("b"), ...[await later(2)], log("c"));`,
    ],
    [
      'fills objects in order',
      `${later} return { a: log("a"), b: await later(1), ...(await later({ a: 2, c: 3 })), ["d" + log("d")]: await 4 };`,
    ],
    ['spreads nothing and texts', 'return { ...null, ...undefined, ...false, ..."ab", c: await 1 };'],
    [
      'copies a member named __proto__',
      'const from = JSON.parse(\'{"__proto__": {"admin": true}}\'); const to = { ...from, b: await 1 }; return [to.admin, Object.keys(to)];',
    ],
    [
      'computes a member named __proto__',
      'const name = "__proto__"; const to = { [name]: await { admin: true } }; return [to.admin, Object.keys(to)];',
    ],
    [
      'knows this and arguments',
      'const o = { n: 2, async m() { const inner = async () => this.n + arguments[0]; return (await inner()) + arguments.length; } }; return o.m(5);',
    ],
    [
      'knows this in a function expression',
      'const o = { n: 2, m: async function () { await 0; return this.n; } }; return o.m();',
    ],
    [
      'knows this next to var',
      'const o = { n: 2, m: async function (a) { await 0; var a, b = this.n; return [a, b]; } }; return o.m(3);',
    ],
    [
      'gives defaults to parameters',
      'const f = async (a, b = a + 1, { c } = { c: b }) => [a, b, await c]; return [await f(1), await f(1, 2, { c: 3 })];',
    ],
    [
      'rejects when a default throws',
      'const f = async (a = log.b.c) => a; const p = f(); return p.catch(() => "rejected");',
    ],
    [
      'keeps parameters that the body changes',
      'const f = async (a) => { const g = () => a++; await 0; g(); await 0; return a; }; return f(1);',
    ],
    [
      'goes on after a loop over an array that it replaces',
      'let list = [1, 2]; for (const x of list) { list = [9, 9, 9]; log(await x); } return list.length;',
    ],
    [
      'goes over what a loop adds to its array',
      'const list = [1, 2]; for (const x of list) { if (await (x < 2)) list.push(x + 5); log(x); }',
    ],
    [
      'continues a while loop out of finally, then ends one round as usual',
      'let i = 0; while (i++ < 3) { try { if ((await i) === 1) continue; log(i); } finally { log("f" + i); } log("end" + i); }',
    ],
    [
      'waits in a switch',
      'switch (await 2) { case await 1: log(1); case await 2: log(2); case 3: log(await 3); break; default: log(4); }',
    ],
    [
      'runs side by side',
      `${later} const f = async (n) => { log("a" + n); await later(0); log("b" + n); }; await Promise.all([f(1), f(2)]);`,
    ],
  ])('%s', async (_title, body) => {
    const { native, lowered } = await both(`async function main(log) { ${body} }`);
    expect(lowered).toEqual(native);
  });

  it('does what Node does, in the same order and at the same turn, whatever it is made of', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(999), { maxLength: 300 }), async (tape) => {
        const { native, lowered } = await both(asyncProgram(tape));
        expect(lowered).toEqual(native);
      }),
      { numRuns: 100 },
    );
  }, 120_000);

  it.each([
    ['returned', 'return 1;'],
    ['thrown', 'throw new Error("no");'],
  ])('holds none of the functions that it waited with once it has %s', async (_how, last) => {
    const lowered = await lower(`async function main() { await null; ${last} }`);
    const { main, machines } = new Function(`'use strict'; ${helpers}
      const machines = [], make = __machine;
      __machine = (...given) => { machines.push(make(...given)); return machines[machines.length - 1]; };
      ${lowered}; return { main, machines };`)();
    const promise = main().catch(String);
    const held = () => machines.map(({ next, raise }: Record<string, unknown>) => [typeof next, typeof raise]);
    expect(held()).toEqual([['function', 'function']]);
    await promise;
    expect(held()).toEqual([['undefined', 'undefined']]);
  });

  it.each([
    [
      'a variable of its own with the name of a parameter',
      'async function f(x) { { let x = 2; await x; log(x); } log(x); }',
    ],
    ['a parameter that can throw', 'async function f({ x }) { await x; log(x); }'],
    ['this', 'const o = { x: 4, async f() { await 0; log(this.x); } }; const f = () => o.f();'],
  ])('keeps apart %s', async (_what, declared) => {
    const { native, lowered } = await both(`async function main(log) { ${declared}
      for (const given of [{ x: 1 }, undefined]) log(await f(given).catch(() => 'refused')); }`);
    expect(lowered).toEqual(native);
  });
});
