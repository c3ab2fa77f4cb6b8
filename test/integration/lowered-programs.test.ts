import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import { lowerWithHelpers } from '../../scripts/build/lower.mjs';
import { asyncProgram } from '../support/async-program';
import { engineDirective, freePort, onEachTarget, startNginx, useNginx } from '../support/nginx';

const tapes = fc.sample(fc.array(fc.nat(999), { minLength: 100, maxLength: 400 }), { numRuns: 60, seed: 11 });
const programs = tapes.map((tape, index) => asyncProgram(tape).replace('main', `program${index}`));

const source = `
  ${programs.join('\n')}
  async function traceOf(program) {
    const seen = [];
    const result = await program((value) => { seen.push(String(value)); }).then((value) => 'resolved ' + value, String);
    return { seen, result };
  }
  async function traces() {
    const all = [];
    for (const program of [${programs.map((_, index) => `program${index}`).join()}]) all.push(await traceOf(program));
    return all;
  }
`;
const inNode = new Function(`'use strict'; ${source} return traces();`) as () => Promise<unknown[]>;

onEachTarget('what the build makes of async functions', (nginx) => {
  useNginx();
  let url: string;

  beforeAll(async () => {
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    const module = `
      function make() {
        ${await lowerWithHelpers(source)}
        return traces;
      }
      function handle(r) {
        make()().then((all) => r.return(200, JSON.stringify(all)), (error) => r.return(500, String(error)));
      }
      export default { handle };`;
    await startNginx({
      nginx,
      workers: 2,
      files: { 'conf.d/programs.js': module },
      http: `${engineDirective(nginx)}
        js_import programs from conf.d/programs.js;
        server { listen 127.0.0.1:${port}; location / { js_content programs.handle; } }`,
    });
  });

  it('does what Node does with the source, in the same order', async () => {
    const answer = await fetch(url);
    const text = await answer.text();
    expect(answer.status, text).toBe(200);
    const expected = await inNode();
    expect(expected.length).toBe(programs.length);
    for (const [index, trace] of (JSON.parse(text) as unknown[]).entries()) {
      expect(trace, programs[index]).toEqual(expected[index]);
    }
  });
});
