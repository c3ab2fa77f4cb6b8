// What runs in the containers of the provider and of the application: starts parts and steers them as it is told over
// the control connection. HOST is the container's name on the network, which the parts listen on.
import { createServer, type Socket } from 'node:net';
import { startApplication } from '../../../demo/application';
import { startProvider } from '../../../demo/provider';
import { startCognito } from '../cognito-provider';
import { startEchoApplication } from '../echo-application';
import { startMisbehavingProvider } from '../misbehaving-provider';
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

const { HOST: host = '127.0.0.1' } = process.env;

const starters: Record<string, (options: never) => Promise<{ stop(): Promise<void> }>> = {
  cognito: startCognito,
  misbehaving: startMisbehavingProvider,
  certified: startProvider,
  echo: startEchoApplication,
  demo: startApplication,
};

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(0));
createServer({ noDelay: true }, serve).listen(controlPort, () => console.log('Parts can be started'));

/** One test process: what it starts ends with its connection. */
function serve(socket: Socket): void {
  const objects: Array<{ stop(): Promise<void> }> = [];
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  let hooks = 0;

  /** A function of the test's process. */
  function hook(fn: number): Callable {
    return (...args) =>
      new Promise((resolve, reject) => {
        const id = hooks++;
        waiting.set(id, { resolve, reject });
        socket.write(frame('hook', { id, fn, args }));
      });
  }

  function withHooks(value: unknown): unknown {
    if (value instanceof FunctionMark) return hook(value.id);
    if (Array.isArray(value)) return value.map(withHooks);
    if (!isPlain(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, withHooks(one)]));
  }

  function done({ op, object, path, args }: Ask): unknown {
    const given = args.map(withHooks);
    if (op === 'start') {
      const start = starters[path[0] ?? ''];
      if (!start) throw new Error(`nothing is called ${path[0]}`);
      return start({ ...(given[0] as object), host } as never).then((part) => objects.push(part) - 1);
    }
    const parents = path.slice(0, -1);
    const name = path.at(-1) ?? '';
    const parent = parents.reduce<unknown>((at, key) => Reflect.get(at as object, key), objects[object]) as object;
    if (op === 'set') return Reflect.set(parent, name, given[0]);
    const member: unknown = Reflect.get(parent, name);
    return op === 'call' ? Reflect.apply(member as Callable, parent, given) : member;
  }

  async function answer(ask: Ask): Promise<void> {
    try {
      const value = done(ask);
      const later = value instanceof Promise && ask.op === 'call';
      socket.write(frame('answer', { value: await value, later }));
    } catch (error) {
      socket.write(frame('answer', { error: (error as Error).message, later: false }));
    }
  }

  socket.on(
    'data',
    frameReader((bytes) => {
      const value = contentOf(bytes);
      if (kindOf(bytes) === 'ask') return void answer(value as Ask);
      const { id, error, ...result } = value as { id: number; error?: string; value?: unknown };
      const { resolve, reject } = waiting.get(id) ?? {};
      waiting.delete(id);
      if (error === undefined) resolve?.(result.value);
      else reject?.(new Error(error));
    }),
  );
  socket.on('error', () => socket.destroy());
  socket.on('close', async () => {
    for (const { reject } of waiting.values()) reject(new Error('the test is gone'));
    await Promise.all(objects.map((part) => part.stop().catch(() => undefined)));
  });
}
