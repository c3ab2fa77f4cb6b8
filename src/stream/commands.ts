// The fixed set of commands: what each operation of a request is in the store's own words.

import { type Operation, type Shape, separator, shapes, versionDigits } from '../store/store-commands';
import { type ScriptName, scripts } from './scripts';

/** A command, and the same with the whole script in it, for a store that does not have the script yet. */
export interface Command {
  readonly parts: string[];
  readonly script?: ScriptName;
}

type Plain = (args: string[]) => string[];

const plain: { [operation in Operation]?: Plain } = {
  read: (args) => ['GET', args[0] as string],
  version: (args) => ['GETRANGE', args[0] as string, '0', String(versionDigits)],
  isLocked: (args) => ['EXISTS', args[0] as string],
  unlink: (args) => ['ZREM', args[0] as string, args[1] as string],
};

/**
 * Reads a question (store-commands.ts).
 * @param hash of a script, by which the store knows it
 * @returns undefined where it is none of the operations
 */
export function parseQuestion(
  question: string,
  prefix: string,
  hash: (script: ScriptName) => string,
): Command | undefined {
  const args = question.split(separator);
  const operation = args.shift() as Operation;
  const shape: Shape | undefined = Object.prototype.hasOwnProperty.call(shapes, operation)
    ? shapes[operation]
    : undefined;
  if (!shape || (shape.many ? args.length <= shape.keys + shape.rest : args.length !== shape.keys + shape.rest)) {
    return undefined;
  }
  for (let at = 0; at < shape.keys; at++) {
    args[at] = prefix + args[at];
  }
  const make = plain[operation];
  if (make) {
    return { parts: make(args) };
  }
  const script = operation === 'writeLocked' ? 'write' : (operation as ScriptName);
  const keys = args.slice(0, shape.keys);
  if (shape.many) {
    args.slice(shape.keys + shape.rest).forEach((key) => {
      keys.push(prefix + key);
    });
  }
  const rest = args.slice(shape.keys, shape.keys + shape.rest);
  return { parts: ['EVALSHA', hash(script), String(keys.length)].concat(keys, rest), script };
}

/** The command for a store that does not know the script. */
export function withScript({ parts, script }: Command): string[] {
  return script ? ['EVAL', scripts[script]].concat(parts.slice(2)) : parts;
}
