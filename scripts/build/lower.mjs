import { readFile } from 'node:fs/promises';
import { types as t, transformAsync } from '@babel/core';

/**
 * Lowers an ES2022 module to what njs 0.8.9 runs, async functions to state machines. For smaller and faster code, what is
 * iterated over must be an array, and an object in a template literal must not tell its text and its value apart.
 * @param code the module; for readers there is src/
 * @returns its ES5 text, import and export as they were, without the helpers that it calls (withHelpers())
 */
export async function lower(code) {
  const { code: lowered } = await transformAsync(code, {
    cwd: import.meta.dirname,
    configFile: false,
    babelrc: false,
    comments: false,
    compact: false,
    sourceType: 'module',
    presets: [['@babel/preset-env', { targets: { ie: '11' }, modules: false, exclude: ['transform-typeof-symbol'] }]],
    plugins: [asyncInside, ownHelpers],
    assumptions: {
      ignoreFunctionLength: true,
      ignoreToPrimitiveHint: true,
      iterableIsArray: true,
      noDocumentAll: true,
      objectRestNoSymbols: true,
      pureGetters: true,
    },
  });
  return lowered;
}

/** lower() for code with its helpers in front. */
export async function lowerWithHelpers(code) {
  return lower(`${await readFile(new URL('babel-helpers.js', import.meta.url), 'utf8')}\n${code}`);
}

/**
 * `async function f(x) { ... }` becomes `function f(x) { return (async () => { ... })(); }`, for which Babel needs one
 * function instead of three, and no apply(). What could tell the difference stays: parameters that can throw, and `var`,
 * which could hide a parameter.
 */
function asyncInside() {
  const inside = new WeakSet();
  const asyncFunction = (path) => {
    const { node } = path;
    if (!node.async || node.generator || inside.has(node)) {
      return;
    }
    if (!node.params.every((one) => t.isIdentifier(one)) || declaresVar(path)) {
      return;
    }
    const body = t.isBlockStatement(node.body) ? t.blockStatement(node.body.body) : node.body;
    const arrow = t.arrowFunctionExpression([], body, true);
    inside.add(arrow);
    node.async = false;
    node.expression = false;
    node.body = t.blockStatement([t.returnStatement(t.callExpression(arrow, []))]);
    path.scope.crawl();
  };
  return {
    visitor: {
      FunctionDeclaration: asyncFunction,
      FunctionExpression: asyncFunction,
      ArrowFunctionExpression: asyncFunction,
    },
  };
}

function declaresVar(path) {
  let found = false;
  path.traverse({
    VariableDeclaration({ node }) {
      found ||= node.kind === 'var';
    },
    Function(inner) {
      inner.skip();
    },
  });
  return found;
}

/** Babel calls functions of ours instead of adding its own text, and the simplest of them for what it is about to do. */
function ownHelpers() {
  return {
    pre(file) {
      file.set('helperGenerator', (name) => helper(name));
    },
    post(file) {
      file.path.traverse({ CallExpression: { exit: simplify } });
    },
  };
}

/**
 * - regenerator().m(start) is start,
 * - regenerator().w(body, start, this, regions) is machine(body, regions),
 * - asyncToGenerator(start)() is async(start); where start is all that a function returns, its variables can be those of the
 *   function: one closure less for each call, and its text one time less in memory.
 */
function simplify(path) {
  const { callee, arguments: given } = path.node;
  if (isMemberOfRegenerator(callee, 'm')) {
    given[0].id = null;
    path.replaceWith(given[0]);
  } else if (isMemberOfRegenerator(callee, 'w')) {
    const [body, , self, regions] = given;
    const bound = t.isThisExpression(self)
      ? t.callExpression(t.memberExpression(body, t.identifier('bind')), [self])
      : body;
    path.node.callee = helper('machine');
    path.node.arguments = regions ? [bound, regions] : [bound];
  } else if (isCallOf(callee, 'asyncToGenerator') && given.length === 0) {
    path.node.callee = helper('async');
    path.node.arguments = callee.arguments;
    moveOut(path);
  }
}

/** `return async(function () { var a; return machine(...); })` becomes `var a; return run(machine(...))`. */
function moveOut(path) {
  const [start] = path.node.arguments;
  const outer = path.getFunctionParent();
  const statements = outer?.node.body.body;
  if (statements?.length !== 1 || statements[0] !== path.parent || !t.isReturnStatement(path.parent)) {
    return;
  }
  const inner = start.body.body;
  const last = inner.at(-1);
  const isPlain = inner
    .slice(0, -1)
    .every((one) => t.isVariableDeclaration(one) && one.declarations.every((d) => !d.init));
  if (start.params.length > 0 || !isPlain || !t.isReturnStatement(last) || !isMachine(last.argument)) {
    return;
  }
  const names = inner.slice(0, -1).flatMap((one) => one.declarations.map(({ id }) => id.name));
  const taken = outer.node.params.map((one) => one.name);
  if (names.some((name) => taken.includes(name) || name === outer.node.id?.name)) {
    return;
  }
  path.node.callee = helper('run');
  path.node.arguments = [last.argument];
  statements.unshift(...inner.slice(0, -1));
}

function isMachine(node) {
  return t.isCallExpression(node) && t.isIdentifier(node.callee, { name: helper('machine').name });
}

function isMemberOfRegenerator(node, name) {
  return t.isMemberExpression(node) && t.isIdentifier(node.property, { name }) && isCallOf(node.object, 'regenerator');
}

function isCallOf(node, name) {
  return t.isCallExpression(node) && t.isIdentifier(node.callee, { name: helper(name).name });
}

/** A function of babel-helpers.js. */
function helper(name) {
  return t.identifier(`__${name}`);
}
