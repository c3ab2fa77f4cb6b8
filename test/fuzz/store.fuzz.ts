import { type Operation, type Shape, shapes } from '../../src/store/store-commands';
import { createAdapter } from '../../src/stream/adapter';
import { takeReply } from '../../src/stream/resp';
import { fuzz, invariant } from './fuzz';
import type { Random } from './random';
import { text } from './texts';

const names = /^(?:PING|AUTH|SELECT|PEXPIRE|GET|GETRANGE|EXISTS|ZREM|EVALSHA|EVAL)$/;
const account = 'Store-Database: 0\r\nStore-Prefix: p:\r\nHost: oidc_store\r\n\r\n';
const nothing: readonly string[] = ['key', '0', '1', 'p:', '-', '\t', '\r\n'];

/** An adapter whose both sides are recorded. */
function connection() {
  const sent = { store: '', client: '' };
  const adapter = createAdapter({
    most: 1e9,
    now: () => 0,
    hash: (script) => script,
    toStore: (data) => {
      sent.store += data;
    },
    toClient: (data) => {
      sent.client += data;
    },
  });
  return { adapter, sent };
}

/** The commands in what was sent: nothing may be left over. */
function commandsOf(data: string): string[][] {
  const commands: string[][] = [];
  for (let rest = data; rest !== ''; ) {
    const head = /^\*(\d+)\r\n/.exec(rest);
    invariant('commands begin with their number of parts', head !== null);
    rest = rest.slice(head?.[0].length);
    const parts: string[] = [];
    for (let count = Number(head?.[1]); count > 0; count--) {
      const part = takeReply(rest, 0, 1e9);
      invariant('each part has its length', typeof part === 'object' && part.kind === '$');
      if (typeof part !== 'object') return commands;
      parts.push(part.text);
      rest = rest.slice(part.end);
    }
    commands.push(parts);
  }
  return commands;
}

/** The answers in what NGINX was sent; each whole. */
function answersOf(data: string): { close: boolean; body: string }[] {
  const answers: { close: boolean; body: string }[] = [];
  for (let rest = data; rest !== ''; ) {
    const head = /^HTTP\/1\.1 \d{3} [A-Za-z ]+\r\n(Connection: close\r\n)?Content-Length: (\d+)\r\n\r\n/.exec(rest);
    invariant('an answer is one of HTTP', head !== null);
    const from = head?.[0].length ?? 0;
    const end = from + Number(head?.[2]);
    invariant('an answer is whole', rest.length >= end);
    answers.push({ close: head?.[1] !== undefined, body: rest.slice(from, end) });
    rest = rest.slice(end);
  }
  return answers;
}

function pieces(random: Random, data: string): string[] {
  const cuts: string[] = [];
  for (let at = 0; at < data.length; ) {
    const end = at + 1 + random.below(random.chance(0.5) ? data.length : 8);
    cuts.push(data.slice(at, end));
    at = end;
  }
  return cuts;
}

function changed(random: Random, data: string): string {
  const at = random.below(data.length + 1);
  switch (random.below(5)) {
    case 0:
      return data;
    case 1:
      return data.slice(0, at) + text(random, nothing) + data.slice(at);
    case 2:
      return data.slice(0, at) + data.slice(at + 1 + random.below(6));
    case 3:
      return data.slice(0, at) + String.fromCharCode(random.below(300)) + data.slice(at + 1);
    default:
      return data + data.slice(0, at);
  }
}

const operations = Object.keys(shapes) as Operation[];
fuzz(
  'questions to the store',
  (random) => {
    const operation = random.pick(operations);
    const shape: Shape = shapes[operation];
    const args = Array.from({ length: shape.keys + shape.rest + (shape.many ? 2 : 0) }, () => text(random, nothing));
    const question = changed(random, [operation, ...args].join('\t'));
    return pieces(random, changed(random, `GET / HTTP/1.1\r\nStore-Request: ${question}\r\n${account}`));
  },
  (cuts) => {
    const { adapter, sent } = connection();
    for (const cut of cuts) adapter.fromClient(cut);
    const padding = commandsOf(sent.store)[0]?.[1];
    if (padding !== undefined) adapter.fromStore(`$${padding.length}\r\n${padding}\r\n:0\r\n`);
    const prefixes = [...cuts.join('').matchAll(/\r\nStore-Prefix: (.*?)\r\n/gs)].map(([, prefix]) => prefix ?? 'none');
    for (const parts of commandsOf(sent.store)) {
      invariant('only known commands reach the store', names.test(parts[0] ?? ''));
      const keys = parts[0] === 'EVALSHA' ? parts.slice(3, 3 + Number(parts[2])) : parts.slice(1, 2);
      if (/^(?:PING|AUTH|SELECT)$/.test(parts[0] ?? '')) continue;
      for (const key of keys) {
        invariant(
          'each key has the prefix',
          prefixes.some((prefix) => key.startsWith(prefix)),
        );
      }
    }
    const answers = answersOf(sent.client);
    invariant('one answer at most', answers.length <= 1);
  },
);

fuzz(
  'answers of the store',
  (random) => ({
    value: text(random, nothing).replace(/[^\x20-\x7e]/g, ''),
    seed: { change: random.below(4), random },
    cut: (data: string) => pieces(random, data),
    change: (data: string) => (random.chance(0.3) ? data : changed(random, data)),
  }),
  ({ value, cut, change }) => {
    const { adapter, sent } = connection();
    adapter.fromClient(`GET / HTTP/1.1\r\nStore-Request: read\tkey\r\n${account}`);
    const padding = commandsOf(sent.store)[0]?.[1] ?? '';
    adapter.fromStore(`$${padding.length}\r\n${padding}\r\n:0\r\n`);
    const number = commandsOf(sent.store).at(-1)?.[1] ?? '';
    const honest = `$${value.length}\r\n${value}\r\n$9\r\n${number}\r\n`;
    const said = change(honest);
    for (const piece of cut(said)) adapter.fromStore(piece);
    const answers = answersOf(sent.client);
    const [first] = answers;
    if (said === honest) invariant('an honest answer arrives', first?.body === `$${value}` && !first.close);
    if (first && !first.close) {
      invariant(
        'an answer has the number of its question',
        said.startsWith(`$9\r\n${number}\r\n`, said.indexOf(`$9\r\n${number}`)),
      );
      invariant('an answer is what the store said', said.includes(first.body.slice(1)));
    }
    const closed = answers.findIndex(({ close }) => close);
    invariant('nothing follows the end', closed < 0 || closed === answers.length - 1);
  },
);
