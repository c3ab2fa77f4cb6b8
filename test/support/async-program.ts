/** What every program may call: each leaves a trace, so that another order of effects shows. */
const prelude = `
  let steps = 0;
  const step = () => { if (++steps > 300) throw new Error('enough'); };
  const later = (value) => Promise.resolve().then(() => value);
  const refuse = (value) => Promise.reject(new Error('refused ' + value));
  const sum = (...values) => { log('sum ' + values.join()); return values.reduce((all, one) => all + one, 0) % 97; };
  const sumOf = (object) => { log(JSON.stringify(object)); return sum(...Object.keys(object).map((key) => object[key])); };
  const closures = [];
  const nothing = undefined;
  const box = { n: 1, async next(by) { await by; this.n = (this.n + by) % 97; return this.n; } };
`;

/**
 * The text of a random async function main(log), made of what the build has to lower: loops, try statements, closures,
 * nested functions, waits in every kind of expression. It ends by itself and uses no timers.
 * @param tape what to choose, number by number; 0 is the simplest choice, and all there is after its end
 */
export function asyncProgram(tape: readonly number[]): string {
  const program = new Program(tape);
  const parts = [1, 2, 3].map((part) => `async function part${part}() { ${program.block(4)} }`);
  return `async function main(log) {${prelude}${parts.join('\n')}
    for (const part of [part1, part2, part3]) log(await part().catch(String));
    for (const closure of closures) log('closure ' + closure());
    return ${program.expression(2)};
  }`;
}

/** What a statement may name: inner functions see the variables, but neither loops nor labels of the outer ones. */
interface Scope {
  readonly variables: readonly string[];
  readonly functions: readonly string[];
  readonly labels: readonly string[];
}

class Program {
  private at = 0;
  private names = 0;
  private scope: Scope = { variables: [], functions: [], labels: [] };

  constructor(private readonly tape: readonly number[]) {}

  /** Statements in braces' content, with a scope of their own. */
  block(depth: number, more: Partial<Scope> = {}): string {
    const outer = this.scope;
    this.scope = {
      variables: [...outer.variables, ...(more.variables ?? [])],
      functions: outer.functions,
      labels: more.labels ?? outer.labels,
    };
    const count = 1 + this.choose(4);
    const text = Array.from({ length: count }, () => this.statement(depth)).join('\n');
    this.scope = outer;
    return text;
  }

  expression(depth: number): string {
    const e = () => this.expression(depth - 1);
    const variable = this.pick(this.scope.variables);
    if (depth <= 0 || this.choose(4) === 0) return variable && this.choose(2) ? variable : String(this.choose(9));
    const forms: (() => string)[] = [
      () => `await later(${e()})`,
      () => `(await ${e()})`,
      () => `(${e()} + ${e()})`,
      () => `sum(${e()}, ${e()}, ${e()})`,
      () => `(${e()} ? ${e()} : ${e()})`,
      () => `(${e()} && ${e()})`,
      () => `(nothing ?? ${e()})`,
      () => `(${e()} || ${e()})`,
      () => `sumOf({ a: ${e()}, ...(await later({ b: ${e()} })), ['c' + ${e()}]: 1, d: ${e()} })`,
      () => `sum(${e()}, ...[${e()}, ${e()}], ${e()})`,
      () => `Number(\`\${${e()}}\`)`,
      () => `(box.n = ${e()})`,
      () => `(box.n += ${e()})`,
      () => `box?.n`,
      () => `(await box.next(${e()}))`,
      () => `(await refuse(${e()}))`,
      () => (variable ? `(${variable} = ${e()})` : e()),
      () => (variable ? `(${variable} += ${e()})` : e()),
      () => (variable ? `${variable}++` : e()),
      () => `(await ${this.pick(this.scope.functions) ?? 'later'}(${e()}, ${e()}))`,
      () => this.arrow(depth),
    ];
    return (forms[this.choose(forms.length)] as () => string)();
  }

  private statement(depth: number): string {
    const e = (most = 2) => this.expression(Math.min(depth, most));
    const block = (more?: Partial<Scope>) => `{ ${this.block(depth - 1, more)} }`;
    if (depth <= 0 || this.choose(5) === 0) return `log(${e()});`;
    const forms: (() => string)[] = [
      () => this.declaration(e()),
      () => `${e(3)};`,
      () => `if (${e()}) ${block()} else ${block()}`,
      () => this.loop(depth),
      () => this.loop(depth),
      () => `try ${block()} catch (error) { log(String(error)); ${this.block(depth - 1)} }`,
      () => `try ${block()} finally ${block()}`,
      () => `try { ${this.block(depth - 1)} ${this.jump()} ${this.block(depth - 1)} } finally ${block()}`,
      () => `try ${block()} catch { ${this.block(depth - 1)} } finally ${block()}`,
      () => this.jump(),
      () => this.jump(),
      () => `return ${e()};`,
      () => `throw new Error('thrown ' + ${e()});`,
      () => `switch (${e()} % 3) { case 0: ${block()} case ${e(1)}: ${block()} break; default: ${block()} }`,
      () => this.innerFunction(depth),
      () => this.capture(),
      () =>
        `(await Promise.all([(async () => ${block({ labels: [] })})(), ${this.arrow(depth, 'sideBySide')}])).map(log);`,
    ];
    return (forms[this.choose(forms.length)] as () => string)();
  }

  private declaration(value: string): string {
    const name = this.name('v');
    this.scope = { ...this.scope, variables: [...this.scope.variables, name] };
    return `let ${name} = ${value};`;
  }

  /** A loop whose variables are new in each round, and may be captured. */
  private loop(depth: number): string {
    const [label, one, other] = [this.name('loop'), this.name('i'), this.name('v')];
    const heads = [
      `for (let ${one} = 0; ${one} < 3; ${one}++)`,
      `for (let ${one} of [${this.expression(1)}, 5, 6])`,
      `let ${one} = 0; ${label}: while (${one}++ < 3)`,
      `let ${one} = 0; ${label}: do`,
    ];
    const kind = this.choose(heads.length);
    const body = this.block(depth - 1, { variables: [one, other], labels: [...this.scope.labels, label] });
    const text = `{ step(); let ${other} = ${one}; closures.push(() => ${one} + '/' + ${other}++); ${body} }`;
    const start = kind < 2 ? `${label}: ${heads[kind]} ${text}` : `${heads[kind]} ${text}`;
    return `{ ${start}${kind === 3 ? ` while (${one}++ < 3)` : ''} }`;
  }

  private jump(): string {
    const label = this.pick(this.scope.labels);
    return label ? `if (${this.expression(1)} % 2) ${this.choose(2) ? 'break' : 'continue'} ${label};` : 'step();';
  }

  private innerFunction(depth: number): string {
    const [name, one, other] = [this.name('f'), this.name('p'), this.name('p')];
    const parameters = [`${one}, ${other}`, `${one}, ${other} = ${one} + 1`, `${one}, ...[${other}]`][this.choose(3)];
    const body = this.block(depth - 1, { variables: [one, other], labels: [] });
    this.scope = { ...this.scope, functions: [...this.scope.functions, name] };
    return this.choose(2)
      ? `async function ${name}(${parameters}) { step(); ${body} return ${one}; }`
      : `const ${name} = async (${parameters}) => { step(); ${body} };`;
  }

  private arrow(depth: number, argument = this.expression(1)): string {
    const parameter = this.name('p');
    const body = this.block(depth - 2, { variables: [parameter], labels: [] });
    const call = argument === 'sideBySide' ? '(1)' : `(${argument})`;
    return `${argument === 'sideBySide' ? '' : 'await '}(async (${parameter}) => { step(); ${body} })${call}`;
  }

  private capture(): string {
    const variable = this.pick(this.scope.variables);
    return variable ? `closures.push(() => ++${variable}); log(closures[closures.length - 1]());` : `log('none');`;
  }

  private name(prefix: string): string {
    return prefix + this.names++;
  }

  private pick(names: readonly string[]): string | undefined {
    return names[this.choose(names.length)];
  }

  private choose(count: number): number {
    return count < 2 ? 0 : (this.tape[this.at++] ?? 0) % count;
  }
}
