import { decodeBase64url, encodeBase64url } from '../protocol/base64url';
import { oidcError } from '../protocol/errors';
import { type Answered, readNumber, readText } from './redis-answers';
import type { SharedStore, StoreStatus } from './shared-store';
import { feed, isLine, type Operation, separator, tombstone, versionDigits } from './store-commands';

/** Entries of the change feed that are read at once. */
const mostChanges = 1000;

/** Asks the adapter (src/stream/). */
export type Ask = (question: string) => Promise<Answered>;

/**
 * The store in Redis or Valkey, by way of the location /_oidc_store (openid_connect.store_location), whose timeouts bound
 * each answer. Where no subrequest can be made, as in a handler of js_periodic, have a handler of a location do it: `ngx.fetch`
 * its address on loopback.
 */
export function sharedStoreOf(r: NginxHTTPRequest): SharedStore {
  return redisStore((question) => askHere(r, question));
}

/** As arguments, not as a body: njs has NGINX send a body once, which leaves no second server to ask. */
function askHere(r: NginxHTTPRequest, question: string): Promise<Answered> {
  return r.subrequest('/_oidc_store', { args: question });
}

/** `version` alone, for a gate that asks with each request. */
export function askVersion(r: NginxHTTPRequest, key: string): Promise<number | 'ended' | undefined> {
  return askHere(r, `version${separator}${key}`).then(toVersion);
}

/** The operations on top of one that asks the adapter: no async functions and no timers, which cost the gate more than the store. */
export function redisStore(ask: Ask): SharedStore {
  const call = (operation: Operation, args: string[]): Promise<Answered> => {
    for (let at = 0; at < args.length; at++) {
      if (!isLine(args[at] as string)) {
        return Promise.reject(oidcError('internal', `${operation}: a key, member or owner is not visible ASCII`));
      }
    }
    return ask(args.length === 0 ? operation : operation + separator + args.join(separator));
  };
  return {
    read: (key) => call('read', [key]).then(toVersioned),
    version: (key) => call('version', [key]).then(toVersion),
    write(key, value, ttl, expected, lock) {
      const version = nextVersion(expected);
      const args = [String(expected), encode(version, value), milliseconds(ttl)];
      return (
        lock ? call('writeLocked', [key, lock.key].concat(args, lock.owner)) : call('write', [key].concat(args))
      ).then((answer) => {
        const outcome = readNumber(answer);
        return outcome === 1 ? version : outcome === 0 ? 'conflict' : 'ended';
      });
    },
    prolong: (key, ttl) => call('prolong', [key, milliseconds(ttl)]).then(toBoolean),
    end: (keys, ttl) =>
      keys.length === 0
        ? Promise.resolve()
        : call('end', [feed, milliseconds(ttl)].concat(keys as string[])).then(toNothing),
    add: (key, value, ttl) => call('add', [key, encode(nextVersion(0), value), milliseconds(ttl)]).then(toBoolean),
    lock: (key, owner, ttl) => call('lock', [key, owner, String(nextVersion(0)), milliseconds(ttl)]).then(toBoolean),
    isLocked: (key) => call('isLocked', [key]).then(toBoolean),
    unlock: (key, owner) => call('unlock', [key, owner]).then(toNothing),
    link: (index, member, ttl, most) => call('link', [index, member, milliseconds(ttl), String(most)]).then(toNothing),
    members: (index) => call('members', [index]).then(toLines),
    unlink: (index, member) => call('unlink', [index, member]).then(toNothing),
    changes(cursor) {
      const [id = '', seen = '0'] = cursor.split(' ');
      return call('changes', [feed, id, seen, String(mostChanges)]).then((answer) => {
        const ended = toLines(answer);
        const [last, added, lost] = (ended.shift() || '').split(' ');
        return { cursor: `${last} ${added}`, ended: ended.filter((key) => key !== ''), lost: lost === 'lost' };
      });
    },
    status() {
      const began = Date.now();
      return call('status', []).then((answer) => toStatus(answer, Date.now() - began));
    },
  };
}

function milliseconds(seconds: number): string {
  return String(Math.max(1, Math.ceil(seconds * 1000)));
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

function toVersioned(answer: Answered) {
  const found = readText(answer);
  const version = versionOf(found);
  return typeof version === 'number'
    ? { version, value: decode(found.slice(versionDigits + 1), found.charAt(versionDigits)) }
    : version;
}

function toVersion(answer: Answered) {
  return versionOf(readText(answer));
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

function toBoolean(answer: Answered): boolean {
  return readNumber(answer) === 1;
}

function toNothing(answer: Answered): void {
  readNumber(answer);
}

function toLines(answer: Answered): string[] {
  const text = readText(answer);
  return text === '' ? [] : text.split('\n');
}

function toStatus(answer: Answered, roundTripMs: number): StoreStatus {
  const [server, version = '', role = '', memoryPolicy = '', used, most, keys] = toLines(answer);
  return {
    server: server === 'valkey' ? 'valkey' : 'redis',
    version,
    role,
    memoryPolicy,
    usedMemory: Number(used) || 0,
    maxMemory: Number(most) || 0,
    keys: Number(keys) || 0,
    roundTripMs,
  };
}

function unfit(): never {
  throw oidcError('store_unreachable', 'the session store gave an answer that does not fit the question');
}
