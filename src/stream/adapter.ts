// One connection between NGINX and the store, as a machine without side effects: what comes in, and what is to be sent.

import { largest } from '../store/store-commands';
import { type Command, parseQuestion, withScript } from './commands';
import { type Account, parseAccount, sameAccount, takeRequest } from './requests';
import { command, type Reply, takeReply } from './resp';
import type { ScriptName } from './scripts';

export interface Surroundings {
  /** Milliseconds. */
  now(): number;
  /** SHA-1 in hex of a script. */
  hash(script: ScriptName): string;
  toStore(data: string): void;
  toClient(data: string): void;
  /** Bytes that one connection may carry before it ends. */
  readonly most: number;
}

export interface Adapter {
  /** Bytes of a request. */
  fromClient(data: string): void;
  /** Bytes of an answer. */
  fromStore(data: string): void;
}

/** Errors of a server that is not the one to ask, but another may be: nothing was done. */
const elsewhere = /^(?:READONLY|LOADING|MASTERDOWN|NOREPLICAS|CLUSTERDOWN|TRYAGAIN|BUSY) /;
/** A server that could be written to so many milliseconds ago is believed to be no replica. */
const primaryFor = 1000;
/**
 * Goes to a new connection first. njs takes the size of the first thing sent for that of its buffers, and cuts all that
 * follows into pieces of it, each a system call.
 */
const roomy = new Array(2049).join('.');
/** What a question costs besides its bytes. */
const perQuestion = 512;
/** Room for the lengths around the largest text. */
const framing = 65536;

/**
 * Each command goes out with a PING that carries a number, and its answer counts only with that number behind it: what is
 * late, doubled or somebody else's cannot be taken for it. After anything that is not as it should be, the connection
 * ends: every answer then says `Connection: close`, and nothing more is taken.
 */
export function createAdapter({ now, hash, toStore, toClient, most }: Surroundings): Adapter {
  let request = '';
  let answer = '';
  /** The lines of the request before, and what they said: mostly they are the same. */
  let head = '';
  let who: Account | undefined;
  let waiting: Command | undefined;
  /** Answers to what prepares the connection that are still to come: kind and text, or the kind alone. */
  let preparing: string[] = [];
  /** Whom the store takes this connection for. */
  let account: Account | undefined;
  let primaryAt = 0;
  let count = Math.floor(Math.random() * 1e8);
  let expected = '';
  let over = false;
  let carried = 0;

  const reply = (status: string, body: string) => {
    waiting = undefined;
    const close = over ? 'Connection: close\r\n' : '';
    toClient(`HTTP/1.1 ${status}\r\n${close}Content-Length: ${body.length}\r\n\r\n${body}`);
  };
  const end = (status: string, body: string) => {
    over = true;
    reply(status, body);
  };
  const send = (parts: string[]) => {
    count = (count + 1) % 1e8;
    const number = String(count + 1e8);
    expected = `$9\r\n${number}\r\n`;
    toStore(`${command(parts)}*2\r\n$4\r\nPING\r\n$9\r\n${number}\r\n`);
  };

  /** Log in, choose the database, and write nothing: only a primary takes that. */
  const prepare = (asking: Account, known: boolean) => {
    let commands = '';
    preparing = [];
    if (!known) {
      commands = command(['PING', roomy]);
      preparing = [`$${roomy}`];
      if (asking.password !== '') {
        commands =
          command(asking.user === '' ? ['AUTH', asking.password] : ['AUTH', asking.user, asking.password]) + commands;
        preparing.unshift('+OK');
      }
      if (asking.database !== '0') {
        commands += command(['SELECT', asking.database]);
        preparing.push('+OK');
      }
    }
    preparing.push(':');
    account = asking;
    toStore(commands + command(['PEXPIRE', `${asking.prefix}#primary`, '1']));
  };

  const begin = (next: Command, asking: Account) => {
    waiting = next;
    // A login cannot be taken back: one account a connection.
    if (account && account !== asking && !sameAccount(account, asking)) {
      end('400 Bad Request', 'another account');
    } else if (!account || now() - primaryAt >= primaryFor) {
      prepare(asking, account !== undefined);
    } else {
      send(next.parts);
    }
  };

  const refuse = (text: string) => {
    if (elsewhere.test(text)) {
      end('503 Service Unavailable', text.replace(/ .*/, ''));
    } else {
      end('200 OK', `-${errorOf(text)}`);
    }
  };

  const takePrepared = (next: Command) => {
    while (preparing.length > 0) {
      const one = takeReply(answer, 0, largest);
      if (one === undefined) {
        return;
      }
      if (one === 'broken' || (one.kind !== '-' && `${one.kind}${one.text}`.indexOf(preparing[0] as string) !== 0)) {
        end('502 Bad Gateway', 'broken');
        return;
      }
      if (one.kind === '-') {
        refuse(one.text);
        return;
      }
      answer = answer.slice(one.end);
      preparing.shift();
    }
    if (answer !== '') {
      end('502 Bad Gateway', 'unasked');
      return;
    }
    primaryAt = now();
    send(next.parts);
  };

  const takeAnswer = (command: Command) => {
    const one = takeReply(answer, 0, largest);
    if (one === undefined || (one !== 'broken' && answer.length < one.end + expected.length)) {
      return;
    }
    if (one === 'broken' || answer.slice(one.end) !== expected) {
      end('502 Bad Gateway', 'broken');
      return;
    }
    answer = '';
    finish(one, command);
  };

  const finish = (one: Reply, command: Command) => {
    if (one.kind !== '-') {
      carried += one.end + perQuestion;
      over = carried > most;
      reply('200 OK', one.kind + one.text);
    } else if (command.script && one.text.slice(0, 9) === 'NOSCRIPT ') {
      waiting = { parts: command.parts };
      send(withScript(command));
    } else if (one.text.slice(0, 4) === 'OOM ') {
      reply('200 OK', '-OOM');
    } else {
      refuse(one.text);
    }
  };

  return {
    fromClient(data) {
      if (over || data === '') {
        return;
      }
      request += data;
      carried += data.length;
      const one = takeRequest(request);
      if (one === undefined) {
        return;
      }
      request = '';
      if (one !== 'broken' && one.head !== head) {
        head = one.head;
        who = parseAccount(head);
      }
      const next = one !== 'broken' && !waiting && who ? parseQuestion(one.question, who.prefix, hash) : undefined;
      if (next && who) {
        begin(next, who);
      } else {
        end('400 Bad Request', 'no operation of the store');
      }
    },
    fromStore(data) {
      if (over || data === '') {
        return;
      }
      answer += data;
      if (!waiting) {
        end('502 Bad Gateway', 'unasked'); // NGINX ends a connection on which an answer comes unasked
      } else if (Buffer.byteLength(data) !== data.length || answer.length > largest + framing) {
        end('502 Bad Gateway', 'broken');
      } else if (preparing.length > 0) {
        takePrepared(waiting);
      } else {
        takeAnswer(waiting);
      }
    },
  };
}

/** The first word of an error, and the command that it is about; the rest could hold anything. */
function errorOf(text: string): string {
  const word = /^[A-Z]{1,20}/.exec(text);
  const about = /'([a-z|]{1,30})'/.exec(text);
  const clients = /^ERR max number of clients/.test(text) ? ' clients' : '';
  return (word ? word[0] : 'ERR') + (about ? ` ${about[1]}` : '') + clients;
}
