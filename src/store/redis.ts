import { within } from '../nginx/timers';
import { decodeBase64url, encodeBase64url } from '../protocol/base64url';
import { oidcError } from '../protocol/errors';
import { readAnswer } from './redis-answers';
import type { SharedStore } from './shared-store';
import { feed, isLine, type Operation, tombstone, versionDigits } from './store-commands';

/** Entries of the change feed that are read at once. */
const mostChanges = 1000;

/**
 * The store in Redis or Valkey, by way of the location /_oidc_store (openid_connect.store_location). Where no subrequest
 * can be made, as in a handler of js_periodic, have a handler of a location do it: `ngx.fetch` its address on loopback.
 * @param timeout seconds that one answer may take
 */
export function sharedStoreOf(r: NginxHTTPRequest, timeout: number): SharedStore {
  return redisStore(async (body) => {
    const answer = await within(timeout * 1000, r.subrequest('/_oidc_store', { method: 'POST', body }));
    if (answer === undefined) {
      throw oidcError('store_unreachable', `the session store did not answer within ${timeout} s`);
    }
    return { status: answer.status, text: answer.responseText || '' };
  });
}

/** What the adapter answered to a body. */
export type Ask = (body: string) => Promise<{ status: number; text: string }>;

/** The operations on top of one that asks the adapter (src/stream/). */
export function redisStore(ask: Ask): SharedStore {
  const call = async (operation: Operation, args: readonly string[]) => {
    for (const arg of args) {
      if (!isLine(arg)) {
        throw oidcError('internal', `${operation}: a key, member or owner is not visible ASCII`);
      }
    }
    const { status, text } = await ask([operation as string].concat(args).join('\n'));
    return readAnswer(status, text);
  };
  const text = (operation: Operation, args: readonly string[]) =>
    call(operation, args).then((answer) => (answer.kind === '$' || answer.kind === '_' ? answer.text : unfit()));
  const number = (operation: Operation, args: readonly string[]) =>
    call(operation, args).then((answer) => (answer.kind === ':' ? Number(answer.text) : unfit()));
  const yes = (operation: Operation, args: readonly string[]) => number(operation, args).then((answer) => answer === 1);
  const done = (operation: Operation, args: readonly string[]) => number(operation, args).then(() => undefined);

  return {
    read: (key) =>
      text('read', [key]).then((found) => {
        const version = versionOf(found);
        return typeof version === 'number'
          ? { version, value: decode(found.slice(versionDigits + 1), found.charAt(versionDigits)) }
          : version;
      }),
    version: (key) => text('version', [key]).then(versionOf),
    async write(key, value, ttl, expected, lock) {
      const version = nextVersion(expected);
      const written = encode(version, value);
      const answer = lock
        ? await number('writeLocked', [key, lock.key, String(expected), written, milliseconds(ttl), lock.owner])
        : await number('write', [key, String(expected), written, milliseconds(ttl)]);
      return answer === 1 ? version : answer === 0 ? 'conflict' : 'ended';
    },
    prolong: (key, ttl) => yes('prolong', [key, milliseconds(ttl)]),
    end: (keys, ttl) =>
      keys.length === 0 ? Promise.resolve() : done('end', [feed, milliseconds(ttl)].concat(keys as string[])),
    add: (key, value, ttl) => yes('add', [key, encode(nextVersion(0), value), milliseconds(ttl)]),
    lock: (key, owner, ttl) => yes('lock', [key, owner, String(nextVersion(0)), milliseconds(ttl)]),
    isLocked: (key) => yes('isLocked', [key]),
    unlock: (key, owner) => done('unlock', [key, owner]),
    link: (index, member, ttl, most) => done('link', [index, member, milliseconds(ttl), String(most)]),
    members: (index) => text('members', [index]).then(lines),
    unlink: (index, member) => done('unlink', [index, member]),
    async changes(cursor) {
      const [id = '', seen = '0'] = cursor.split(' ');
      const said = lines(await text('changes', [feed, id, seen, String(mostChanges)]));
      const [last, added, lost] = (said.shift() || '').split(' ');
      return { cursor: `${last} ${added}`, ended: said.filter((key) => key !== ''), lost: lost === 'lost' };
    },
    async status() {
      const began = Date.now();
      const said = lines(await text('status', []));
      const [server, version = '', role = '', memoryPolicy = '', used, most, keys] = said;
      return {
        server: server === 'valkey' ? 'valkey' : 'redis',
        version,
        role,
        memoryPolicy,
        usedMemory: Number(used) || 0,
        maxMemory: Number(most) || 0,
        keys: Number(keys) || 0,
        roundTripMs: Date.now() - began,
      };
    },
  };
}

function unfit(): never {
  throw oidcError('store_unreachable', 'the session store gave an answer that does not fit the question');
}

function milliseconds(seconds: number): string {
  return String(Math.max(1, Math.ceil(seconds * 1000)));
}

function lines(text: string): string[] {
  return text === '' ? [] : text.split('\n');
}

/**
 * Higher than the one before, and no other write's: a store that lost its last second, and is written to again, must not
 * give the same number to another value.
 */
function nextVersion(expected: number): number {
  const now = Date.now() * 1000 + Math.floor(Math.random() * 1000);
  return Math.max(now, expected + 1 + Math.floor(Math.random() * 1000000));
}

/** A value as it is stored: its version, and `:` and the text, or `.` and base64url where the text is not visible ASCII. */
function encode(version: number, value: string): string {
  return isLine(value) ? `${version}:${value}` : `${version}.${encodeBase64url(Buffer.from(value))}`;
}

function decode(text: string, mark: string): string {
  const bytes = mark === '.' ? decodeBase64url(text) : undefined;
  return mark === ':' ? text : bytes ? Buffer.from(bytes).toString() : unfit();
}

function versionOf(stored: string): number | 'ended' | undefined {
  if (stored === '') {
    return undefined;
  }
  if (stored === tombstone) {
    return 'ended';
  }
  const version = stored.slice(0, versionDigits);
  return /^[1-9]\d{15}$/.test(version) ? Number(version) : unfit();
}
