import { deserialize, serialize } from 'node:v8';

/** Of the connection that steers what runs in a container. */
export const controlPort = 7000;

/** What goes over the control connection: a kind, and a value. */
export type Kind = 'ask' | 'answer' | 'hook' | 'hookAnswer';
const kinds: Kind[] = ['ask', 'answer', 'hook', 'hookAnswer'];

/** What the test's process wants done. */
export interface Ask {
  op: 'start' | 'get' | 'set' | 'call';
  /** the number that start gave it; 0 for start itself */
  object: number;
  /** from the object to what is meant; for start, what to start */
  path: string[];
  args: unknown[];
}

/** A function's place in an encoded value; who holds the function knows it by the number. */
export class FunctionMark {
  constructor(readonly id: number) {}
}

const headBytes = 5;
const functionKey = '\0function';
const formKey = '\0form';

/** A frame: the bytes that follow (4 bytes), the kind (1 byte), the value. Functions become numbers by `keep`. */
export function frame(kind: Kind, value: unknown, keep: (fn: Callable) => number = () => 0): Buffer {
  const body = serialize(packed(value, keep));
  const head = Buffer.alloc(headBytes);
  head.writeUInt32BE(body.length);
  head[4] = kinds.indexOf(kind);
  return Buffer.concat([head, body]);
}

export type Callable = (...args: never[]) => unknown;

export function kindOf(bytes: Uint8Array): Kind {
  return kinds[bytes[4] ?? 0] ?? 'ask';
}

/** The value of a whole frame. */
export function contentOf(bytes: Uint8Array): unknown {
  return unpacked(deserialize(Buffer.from(bytes.subarray(headBytes))));
}

/** Cuts a stream of bytes into whole frames. */
export function frameReader(onFrame: (bytes: Buffer) => void): (chunk: Buffer) => void {
  let kept: Buffer = Buffer.alloc(0);
  return (chunk) => {
    kept = Buffer.concat([kept, chunk]);
    while (kept.length >= headBytes) {
      const end = headBytes + kept.readUInt32BE(0);
      if (kept.length < end) break;
      onFrame(kept.subarray(0, end));
      kept = kept.subarray(end);
    }
  };
}

export function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  return Array.isArray(value) || [Object.prototype, null].includes(Object.getPrototypeOf(value));
}

function packed(value: unknown, keep: (fn: Callable) => number): unknown {
  if (typeof value === 'function') return { [functionKey]: keep(value as Callable) };
  if (value instanceof URLSearchParams) return { [formKey]: String(value) };
  if (Array.isArray(value)) return value.map((one) => packed(one, keep));
  if (!isPlain(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, packed(one, keep)]));
}

function unpacked(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unpacked);
  if (!isPlain(value)) return value;
  if (functionKey in value) return new FunctionMark(Number(value[functionKey]));
  if (formKey in value) return new URLSearchParams(String(value[formKey]));
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, unpacked(one)]));
}
