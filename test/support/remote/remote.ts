import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { hosts } from '../hosts';
import {
  type Ask,
  type Callable,
  contentOf,
  controlPort,
  FunctionMark,
  frame,
  frameReader,
  isPlain,
  kindOf,
} from './frames';

const longest = 30_000;

interface Answer {
  value?: unknown;
  error?: string;
  /** it was a promise there */
  later?: boolean;
}

interface Hook {
  id: number;
  fn: number;
  args: never[];
}

/**
 * Starts a part in the container that has this name, and returns what stands for it here: its properties are looked up
 * and set there, its methods run there, and functions that it is given run here when it calls them. Like the object
 * itself it answers at once: the thread waits.
 */
export function startRemotely<T extends object>(host: string, kind: string, options: unknown): T {
  connections[host] ??= connectTo(hosts[host] ?? host);
  const ask = connections[host];
  const object = ask({ op: 'start', object: 0, path: [kind], args: [options] }) as number;
  const get = (name: string) => standIn(ask({ op: 'get', object, path: [name], args: [] }), [name]);

  /** Reads from what was fetched, writes there and here. */
  function standIn(value: unknown, path: string[]): unknown {
    if (value instanceof FunctionMark) return (...args: unknown[]) => ask({ op: 'call', object, path, args });
    if (!isPlain(value)) return value;
    return new Proxy(value, {
      get: (target, name) => {
        const own = Reflect.get(target, name);
        return typeof name === 'symbol' ? own : standIn(own, [...path, name]);
      },
      set: (target, name, next) => {
        ask({ op: 'set', object, path: [...path, String(name)], args: [next] });
        return Reflect.set(target, name, next);
      },
    });
  }
  return new Proxy({} as T, {
    get: (_target, name) => (typeof name === 'symbol' || name === 'then' ? undefined : get(name)),
    set: (_target, name, next) => {
      ask({ op: 'set', object, path: [String(name)], args: [next] });
      return true;
    },
  });
}

const connections: Record<string, (ask: Ask) => unknown> = {};

function connectTo(address: string): (ask: Ask) => unknown {
  const bell = new Int32Array(new SharedArrayBuffer(4));
  const { port1: received, port2: there } = new MessageChannel();
  const worker = new Worker(new URL('./connection.mjs', import.meta.url), {
    workerData: { host: address, port: controlPort, received: there, bell },
    transferList: [there],
  });
  const given: Callable[] = [];
  const keep = (fn: Callable) => given.push(fn) - 1;
  let answer: Answer | undefined;

  const read = frameReader((bytes) => {
    if (kindOf(bytes) === 'answer') answer = contentOf(bytes) as Answer;
    else void runHook(contentOf(bytes) as Hook);
  });
  const take = (message: Uint8Array | string) => {
    if (typeof message === 'string') answer = { error: `${address}: ${message}` };
    else read(Buffer.from(message));
  };

  async function runHook({ id, fn, args }: Hook): Promise<void> {
    const result = await Promise.resolve() // not while the thread waits
      .then(() => given[fn]?.(...args))
      .then(
        (value) => ({ id, value }),
        (error: Error) => ({ id, error: error.message }),
      );
    worker.postMessage(frame('hookAnswer', result, keep));
  }

  received.on('message', take);
  received.unref();
  worker.unref();
  return (ask) => {
    answer = undefined;
    worker.postMessage(frame('ask', ask, keep));
    for (const end = Date.now() + longest; !answer; ) {
      Atomics.store(bell, 0, 0);
      for (let next = receiveMessageOnPort(received); next; next = receiveMessageOnPort(received)) take(next.message);
      if (!answer && Atomics.wait(bell, 0, 0, end - Date.now()) === 'timed-out') {
        throw new Error(`${address} does not answer: ${ask.op} ${ask.path}`);
      }
    }
    const { value, error, later } = answer as Answer;
    if (error !== undefined) throw new Error(error);
    return later ? Promise.resolve(value) : value;
  };
}
