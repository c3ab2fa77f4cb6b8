import { createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { freePort, onEachTarget, useNginx } from '../support/nginx';
import { startStoreSite } from '../support/store-site';

/** One command that came in: its parts. */
type Command = string[];

/** A server that takes RESP commands and answers as the test says; undefined: not at all. */
async function fakeStore(answer: (command: Command, socket: Socket) => string | undefined) {
  const port = await freePort();
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    let data = '';
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      data += chunk.toString('latin1');
      for (;;) {
        const command = takeCommand(data);
        if (!command) return;
        data = data.slice(command.length);
        const text = answer(command.parts, socket);
        if (text !== undefined) socket.write(text, 'latin1');
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const close = () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  return { port, sockets, close };
}

function takeCommand(data: string): { parts: Command; length: number } | undefined {
  const head = /^\*(\d+)\r\n/.exec(data);
  if (!head) return undefined;
  let at = head[0].length;
  const parts: string[] = [];
  for (let count = Number(head[1]); count > 0; count--) {
    const line = /^\$(\d+)\r\n/.exec(data.slice(at, at + 20));
    if (!line || data.length < at + line[0].length + Number(line[1]) + 2) return undefined;
    at += line[0].length;
    parts.push(data.slice(at, at + Number(line[1])));
    at += Number(line[1]) + 2;
  }
  return { parts, length: at };
}

const bulk = (text: string) => `$${text.length}\r\n${text}\r\n`;
/** What an honest server says to all that is not the question. */
const honest = (command: Command) => (command[0] === 'PING' ? bulk(command[1] ?? '') : ':0\r\n');
const stored = (value: string) => bulk(`1700000000000001:${value}`);
const broken = /upstream|prematurely closed|timed out/;

onEachTarget('a store that lies', (nginx) => {
  useNginx();
  const fakes: { close(): void }[] = [];
  const site = async (answer: Parameters<typeof fakeStore>[0]) => {
    const fake = await fakeStore(answer);
    fakes.push(fake);
    const started = await startStoreSite(nginx, [fake.port], { workers: 1 });
    started.nginx.expectLog(broken);
    return { ...started, fake };
  };
  afterAll(() => {
    for (const fake of fakes) fake.close();
  });
  const unreachable = { code: 'store_unreachable' };

  describe.each([
    ['a length that is too short', () => '$5\r\n1700000000000001:value\r\n'],
    ['a length that is too long', () => '$30\r\n1700000000000001:value\r\n'],
    ['a text of a gigabyte', () => '$1073741824\r\n1700000000000001:'],
    ['a list', () => `*1\r\n${stored('value')}`],
    ['lists in lists', () => `${'*1\r\n'.repeat(10_000)}${stored('value')}`],
    ['an answer too many', () => stored('value') + stored('value')],
    ['bytes that are no text', () => bulk('1700000000000001:val\xff\xfe')],
    ['a page of HTTP', () => 'HTTP/1.1 200 OK\r\nContent-Length: 18\r\n\r\n$1700000000000001:'],
  ])('with %s', (_what, lie) => {
    it('is an error, and the connection ends', async () => {
      const { store, fake } = await site((command) => (command[0] === 'GET' ? lie() : honest(command)));
      await expect(store.read('key')).rejects.toMatchObject(unreachable);
      await expect(store.read('key')).rejects.toMatchObject(unreachable);
      expect(fake.sockets.size).toBeGreaterThan(1);
      await expect.poll(() => [...fake.sockets].filter((socket) => !socket.destroyed).length).toBe(0);
    });
  });

  it.each([
    ['a version that is none', () => bulk('17000000000x0001:value')],
    ['a number for a text', () => ':1\r\n'],
    ['a value in letters that are none', () => bulk('1700000000000001.a+b/c=')],
    ['nothing but a version', () => bulk('1700000000000001')],
  ])('with %s is an error', async (_what, lie) => {
    const { store } = await site((command) => (command[0] === 'GET' ? lie() : honest(command)));
    await expect(store.read('key')).rejects.toMatchObject(unreachable);
  });

  it('never has the answer to one question taken for that to another, however late it is', async () => {
    const waiting: (() => void)[] = [];
    const { store } = await site((command, socket) => {
      if (command[0] !== 'GET') return honest(command);
      const value = stored(`of ${command[1]}`);
      if (!/slow/.test(command[1] ?? '')) return value;
      waiting.push(() => socket.write(value));
      return undefined;
    });
    await expect(store.read('slow')).rejects.toMatchObject(unreachable);
    const reads = Array.from({ length: 30 }, (_, n) => store.read(`quick-${n}`));
    for (const send of waiting) send();
    const found = await Promise.all(reads);
    for (const [n, one] of found.entries()) expect(one).toMatchObject({ value: `of oidc:quick-${n}` });
  });

  it('that answers twice has its second answer taken for nothing', async () => {
    let round = 0;
    const { store } = await site((command, socket) => {
      if (command[0] === 'PING' && command[1]?.length === 9) {
        const again = stored('of somebody else') + bulk(command[1]);
        setTimeout(() => socket.write(again), (round++ % 4) * 100);
      }
      return command[0] === 'GET' ? stored(`of ${command[1]}`) : honest(command);
    });
    let held = 0;
    for (let n = 0; n < 30; n++) {
      const found = await store.read(`key-${n}`).catch((error) => error as { code: string });
      if (found && typeof found === 'object' && 'code' in found) expect(found).toMatchObject(unreachable);
      else expect(found).toMatchObject({ value: `of oidc:key-${n}` });
      if (found && typeof found === 'object' && 'value' in found) held++;
      await sleep(n % 3 === 0 ? 150 : 0);
    }
    expect(held).toBeGreaterThan(0);
  });

  it('that ends the connection in the middle of an answer is an error', async () => {
    const { store } = await site((command, socket) => {
      if (command[0] !== 'GET') return honest(command);
      setTimeout(() => socket.destroy(), 20);
      return '$100\r\n1700000000000001:half';
    });
    await expect(store.read('key')).rejects.toMatchObject(unreachable);
  });

  it('that sends a byte now and then holds nobody longer than a second or two', async () => {
    const { store } = await site((command, socket) => {
      if (command[0] !== 'GET') return honest(command);
      const drip = setInterval(() => (socket.destroyed ? clearInterval(drip) : socket.write('x')), 100);
      return '$100000\r\n1700000000000001:';
    });
    const began = Date.now();
    await expect(store.read('key')).rejects.toMatchObject(unreachable);
    expect(Date.now() - began).toBeLessThan(3500);
  });

  it('has nothing of what it was sent come back in the log', async () => {
    const { store, nginx: process } = await site((command) =>
      command[0] === 'GET' ? `-ERR unknown '${command[1]}' s3cret-of-store\r\n` : honest(command),
    );
    const said = await store.read('the-key-of-a-session').catch((one) => String(one));
    expect(said).toContain('store_refused');
    expect(String(said) + process.errorLog()).not.toMatch(/the-key-of-a-session|s3cret-of-store/);
  });

  it('cannot be spoken to by anybody in commands of its own', async () => {
    const commands: Command[] = [];
    const { store } = await site((command) => {
      commands.push(command);
      return command[0] === 'GET' ? '$-1\r\n' : honest(command);
    });
    for (const key of ['a\r\nFLUSHALL', 'a\tb', 'a\nb', 'a\u0000', 'é', '😀']) {
      await expect(store.read(key), key).rejects.toMatchObject({ code: 'internal' });
    }
    expect(await store.read('*1 $8 FLUSHALL')).toBeUndefined();
    expect(commands.filter(([name]) => !['PING', 'PEXPIRE'].includes(name ?? ''))).toEqual([
      ['GET', 'oidc:*1 $8 FLUSHALL'],
    ]);
  });
});
