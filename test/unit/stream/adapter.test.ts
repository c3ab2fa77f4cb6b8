import { describe, expect, it } from 'vitest';
import { createAdapter } from '../../../src/stream/adapter';
import { command } from '../../../src/stream/resp';
import { scripts } from '../../../src/stream/scripts';

const tail = 'Store-Database: 0\r\nStore-Prefix: p:\r\nHost: oidc_store\r\n\r\n';
const asking = (question: string, lines = tail) => `GET / HTTP/1.1\r\nStore-Request: ${question}\r\n${lines}`;

/** An adapter with both sides recorded. */
function connection() {
  const sent = { store: [] as string[], client: [] as string[] };
  let time = 1_000_000;
  const adapter = createAdapter({
    most: 10_000,
    now: () => time,
    hash: (script) => `hash-of-${script}`,
    toStore: (data) => sent.store.push(data),
    toClient: (data) => sent.client.push(data),
  });
  const last = (side: 'store' | 'client') => sent[side].at(-1) ?? '';
  const pong = () => `$9\r\n${/PING\r\n\$9\r\n(\d{9})\r\n$/.exec(last('store'))?.[1]}\r\n`;
  return {
    ...adapter,
    sent,
    last,
    pong,
    pass: (milliseconds: number) => {
      time += milliseconds;
    },
    /** asks; what prepares the connection is answered */
    ask(question: string) {
      adapter.fromClient(asking(question));
      const padding = /\$2048\r\n(\.+)\r\n/.exec(last('store'))?.[1];
      if (padding) adapter.fromStore(`$2048\r\n${padding}\r\n:0\r\n`);
    },
  };
}

describe('a question', () => {
  it('is asked once the connection is known to be a primary, with a number that the answer must bring along', () => {
    const one = connection();
    one.fromClient(asking('version\tkey'));
    expect(one.sent.store).toHaveLength(1);
    expect(one.last('store')).toContain(command(['PEXPIRE', 'p:#primary', '1']));
    one.ask('nothing'); // refused: one question at a time
    expect(one.last('client')).toMatch(/^HTTP\/1.1 400 /);

    const other = connection();
    other.ask('version\tkey');
    expect(other.last('store').startsWith(command(['GETRANGE', 'p:key', '0', '16']))).toBe(true);
    other.fromStore(`$3\r\nabc\r\n${other.pong()}`);
    expect(other.last('client')).toBe('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n$abc');
    other.ask('read\tkey');
    expect(other.last('store').startsWith(command(['GET', 'p:key']))).toBe(true);
  });

  it('that comes in pieces is one', () => {
    const one = connection();
    for (const byte of asking('isLocked\tkey')) one.fromClient(byte);
    expect(one.sent.store).toHaveLength(1);
    expect(one.sent.client).toEqual([]);
  });

  it('logs in and chooses the database first, and asks nothing before that has succeeded', () => {
    const lines = `Store-User: me\r\nStore-Password: secret words\r\nStore-Database: 3\r\nStore-Prefix: p:\r\n\r\n`;
    const one = connection();
    one.fromClient(asking('read\tkey', lines));
    expect(one.last('store').startsWith(command(['AUTH', 'me', 'secret words']))).toBe(true);
    expect(one.last('store')).toContain(command(['SELECT', '3']));
    expect(one.last('store')).not.toContain('GET\r\n');
    one.fromStore('-WRONGPASS invalid username-password pair\r\n');
    expect(one.last('client')).toMatch(/^HTTP\/1.1 200 OK\r\nConnection: close\r\n[\s\S]*\r\n-WRONGPASS$/);
    one.fromStore('+OK\r\n');
    expect(one.sent.store).toHaveLength(1);
  });

  it('of another account does not use a connection that is logged in', () => {
    const one = connection();
    one.ask('version\tkey');
    one.fromStore(`$-1\r\n${one.pong()}`);
    one.fromClient(asking('version\tkey', tail.replace('p:', 'q:')));
    expect(one.last('client')).toMatch(/^HTTP\/1.1 400 .*\r\nConnection: close/);
    expect(one.sent.store).toHaveLength(2);
  });

  it.each([
    ['FLUSHALL', 'FLUSHALL'],
    ['a name of every object', 'constructor\tkey'],
    ['too few parts', 'version'],
    ['too many parts', 'version\tkey\tother'],
    ['no key to end', 'end\tfeed\t100'],
    ['nothing', ''],
    ['another byte than ASCII', 'version\tkéy'],
  ])('is none of the store: %s', (_what, question) => {
    const one = connection();
    one.fromClient(asking(question));
    expect(one.last('client')).toMatch(/^HTTP\/1.1 400 .*\r\nConnection: close/);
    expect(one.sent.store).toEqual([]);
  });

  it.each([
    ['another method', asking('version\tkey').replace('GET', 'POST')],
    ['another path', asking('version\tkey').replace('GET /', 'GET /x')],
    ['no question', `GET / HTTP/1.1\r\n${tail}`],
    ['a body', asking('version\tkey', tail.replace('Host', 'Content-Length: 4\r\nHost'))],
    ['something behind it', `${asking('version\tkey')}body`],
    ['a second question', `${asking('version\tkey')}${asking('version\tother')}`],
    ['two questions in one', asking('version\tkey\r\nStore-Request: version\tother')],
    ['no prefix', asking('version\tkey', tail.replace('p:', ''))],
    ['a database that is none', asking('version\tkey', tail.replace('0', '0 1'))],
    ['a line that is none', asking('version\tkey', tail.replace('Host:', 'Host'))],
    ['more than any question takes', `GET / HTTP/1.1\r\nStore-Request: ${'x'.repeat(4_300_000)}`],
  ])('is not taken from a request with %s', (_what, request) => {
    const one = connection();
    one.fromClient(request);
    expect(one.last('client')).toMatch(/^HTTP\/1.1 400 .*\r\nConnection: close/);
    expect(one.sent.store).toEqual([]);
  });
});

describe('an answer', () => {
  const asked = () => {
    const one = connection();
    one.ask('version\tkey');
    return one;
  };

  it.each([
    ['without its number', () => '$3\r\nabc\r\n$9\r\n123456789\r\n'],
    ['that is not of a known kind', (pong: string) => `*1\r\n$3\r\nabc\r\n${pong}`],
    ['that is too large', (pong: string) => `$1073741824\r\nabc\r\n${pong}`],
    ['with more behind it', (pong: string) => `$3\r\nabc\r\n${pong}+OK\r\n`],
    ['twice', (pong: string) => `$3\r\nabc\r\n$3\r\nabc\r\n${pong}`],
    ['with another byte than ASCII', (pong: string) => `$3\r\na�\r\n${pong}`],
  ])('%s ends the connection', (_what, answer) => {
    const one = asked();
    one.fromStore(answer(one.pong()));
    expect(one.last('client')).toMatch(/^HTTP\/1.1 502 .*\r\nConnection: close/);
    const before = one.sent.store.length;
    one.fromStore(`$3\r\nabc\r\n${one.pong()}`);
    one.fromClient(asking('version\tkey'));
    expect(one.sent.client).toHaveLength(1);
    expect(one.sent.store).toHaveLength(before);
  });

  it('that nobody asked for ends the connection', () => {
    const one = asked();
    one.fromStore(`$3\r\nabc\r\n${one.pong()}`);
    one.fromStore('$3\r\nabc\r\n');
    expect(one.last('client')).toMatch(/^HTTP\/1.1 502 .*\r\nConnection: close/);
  });

  it('to the question before is not that to the next one', () => {
    const one = asked();
    const late = `$3\r\nabc\r\n${one.pong()}`;
    one.fromStore(late);
    one.ask('version\tother');
    one.fromStore(late);
    expect(one.last('client')).toMatch(/^HTTP\/1.1 502 /);
  });

  it.each(['READONLY You', 'LOADING Redis', 'MASTERDOWN Link', 'NOREPLICAS Not', 'CLUSTERDOWN The'])(
    '-%s is said as 503, for NGINX to try the other server',
    (error) => {
      const one = connection();
      one.fromClient(asking('version\tkey'));
      one.fromStore(`-${error} ...\r\n`);
      expect(one.last('client')).toMatch(/^HTTP\/1.1 503 .*\r\nConnection: close/);
      const other = asked();
      other.fromStore(`-${error} ...\r\n${other.pong()}`);
      expect(other.last('client')).toMatch(/^HTTP\/1.1 503 .*\r\nConnection: close/);
    },
  );

  it('with an error is cut to its first word and the command, since the rest could hold anything', () => {
    const one = asked();
    one.fromStore(`-NOPERM this user has no permissions to run the 'evalsha' command, secret\r\n${one.pong()}`);
    expect(one.last('client').split('\r\n\r\n')[1]).toBe('-NOPERM evalsha');
  });

  it('asks for the script where it is not known', () => {
    const one = connection();
    one.ask('unlock\tkey\tme');
    expect(one.last('store').startsWith(command(['EVALSHA', 'hash-of-unlock', '1', 'p:key', 'me']))).toBe(true);
    one.fromStore(`-NOSCRIPT No matching script\r\n${one.pong()}`);
    expect(one.last('store').startsWith(command(['EVAL', scripts.unlock, '1', 'p:key', 'me']))).toBe(true);
    one.fromStore(`-NOSCRIPT No matching script\r\n${one.pong()}`);
    expect(one.last('client')).toMatch(/\r\n-NOSCRIPT$/);
  });
});

describe('a connection', () => {
  it('ends after it has carried so much, with a whole answer', () => {
    const one = connection();
    let answers = 0;
    while (answers < 100 && !one.last('client').includes('Connection: close')) {
      one.ask('read\tkey');
      one.fromStore(`$100\r\n${'x'.repeat(100)}\r\n${one.pong()}`);
      expect(one.last('client')).toMatch(/^HTTP\/1.1 200 [\s\S]*\$x{100}$/);
      answers++;
    }
    expect(answers).toBeGreaterThan(5);
    expect(answers).toBeLessThan(20);
  });

  it('is asked anew every second whether it leads to a primary', () => {
    const one = connection();
    one.ask('version\tkey');
    one.fromStore(`$-1\r\n${one.pong()}`);
    one.pass(999);
    one.fromClient(asking('version\tkey'));
    expect(one.last('store')).toContain('GETRANGE');
    one.fromStore(`$-1\r\n${one.pong()}`);
    one.pass(1);
    one.fromClient(asking('version\tkey'));
    expect(one.last('store')).toBe(command(['PEXPIRE', 'p:#primary', '1']));
    one.fromStore("-READONLY You can't write against a read only replica.\r\n");
    expect(one.last('client')).toMatch(/^HTTP\/1.1 503 /);
  });
});
