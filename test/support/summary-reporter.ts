import type { Reporter, TestCase, TestModule, Vitest } from 'vitest/node';
import { allModules } from '../conformance/modules';
import { attackRows, rowsOf } from '../security/rows';
import { describeTally, type Ended, type State, tally } from './tally';

/** Says before the runner's own summary how many attack rows and conformance modules the run showed. */
export default class SummaryReporter implements Reporter {
  #vitest: Vitest | undefined;

  onInit(vitest: Vitest): void {
    this.#vitest = vitest;
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    const attacks = testsOf(modules, 'security').flatMap((test) =>
      rowsOf(test.name).map((about): Ended => ({ about, state: stateOf(test) })),
    );
    const conformance = testsOf(modules, 'conformance').map(
      (test): Ended => ({ about: moduleOf(test), state: stateOf(test) }),
    );
    this.#say('Attack rows         ', attackRows, attacks);
    this.#say('Conformance modules ', allModules.map(moduleName), conformance);
  }

  #say(title: string, things: string[], tests: Ended[]): void {
    if (tests.length > 0) this.#vitest?.logger.log(` ${title} ${describeTally(tally(things, tests))}`);
  }
}

function testsOf(modules: readonly TestModule[], project: string): TestCase[] {
  return modules
    .filter((module) => module.project.name === project)
    .flatMap((module) => [...module.children.allTests()]);
}

function stateOf(test: TestCase): State {
  const { state } = test.result();
  if (state === 'passed' || state === 'failed') return state;
  return test.options.mode === 'todo' ? 'todo' : 'skipped';
}

const moduleName = ({ plan, name }: { plan: string; name: string }) => `${plan}/${name}`;

/** From '[A nginx ...] plan', whatever variant of it is between, and from 'name' or 'name — why not'. */
function moduleOf(test: TestCase): string {
  let { parent } = test;
  while (parent.type === 'suite' && parent.parent.type === 'suite') parent = parent.parent;
  const suite = parent.type === 'suite' ? parent.name : '';
  return moduleName({ plan: suite.replace(/^\[.*\] /, ''), name: test.name.replace(/ — .*/, '') });
}
