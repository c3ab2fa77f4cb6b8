import { oidcError } from '../protocol/errors';

/** What the adapter (src/stream/) answered: a letter and a text. */
export interface Answered {
  readonly status: number;
  readonly responseText?: string;
}

const setting = 'openid_connect.store_location';

/** What the store's refusals mean, and what to do. */
const refusals: Record<string, string> = {
  WRONGPASS: `user or password is wrong: Store-User, Store-Password in ${setting}`,
  NOAUTH: `it wants a password: Store-Password in ${setting}`,
  NOPERM: 'its access rules (ACL) forbid it: see the list in docs/many-machines.md',
  DENIED: 'it is in protected mode: give it a password, or bind it to an address',
  MOVED: 'it is a node of a Redis Cluster: see docs/many-machines.md',
  ASK: 'it is a node of a Redis Cluster: see docs/many-machines.md',
  CROSSSLOT: 'it is a node of a Redis Cluster: see docs/many-machines.md',
  MISCONF: 'it cannot save its data to disk, and takes no writes: see its own log',
};

/**
 * A text; '' where nothing is.
 * @throws store_unreachable, store_refused, store_full
 */
export function readText(answer: Answered): string {
  const text = answer.responseText || '';
  return answer.status === 200 && (text.charAt(0) === '$' || text === '_') ? text.slice(1) : fail(answer.status, text);
}

/** Throws as readText. */
export function readNumber(answer: Answered): number {
  const text = answer.responseText || '';
  return answer.status === 200 && /^:-?\d{1,16}$/.test(text) ? Number(text.slice(1)) : fail(answer.status, text);
}

function fail(status: number, body: string): never {
  if (status === 200 && body.charAt(0) === '-') {
    throw refusal(body.slice(1));
  }
  if (status === 400) {
    throw oidcError(
      'store_refused',
      'what speaks to the session store does not understand: are all files of one version?',
    );
  }
  const why =
    status === 200 || /^(?:broken|unasked)$/.test(body)
      ? 'what it answered makes no sense'
      : status === 503
        ? `no server of it can take this now (${word(body) || 'none is left'})`
        : 'it is out of reach or slow: see the line above';
  throw oidcError('store_unreachable', `the session store did not answer (${status}): ${why}`);
}

function refusal(said: string) {
  const code = word(said);
  if (code === 'OOM') {
    return oidcError('store_full', 'the session store is full: raise its maxmemory');
  }
  if (/ clients$/.test(said)) {
    return oidcError('store_unreachable', 'the session store has too many clients: raise its maxclients');
  }
  const why = Object.prototype.hasOwnProperty.call(refusals, code) ? refusals[code] : 'see its documentation';
  const about = /^[A-Z]+ ([a-z|]{1,30})$/.exec(said);
  return oidcError('store_refused', `the session store refuses${about ? ` ${about[1]}` : ''} (${code}): ${why}`);
}

function word(text: string): string {
  const match = /^[A-Z]{1,20}/.exec(text);
  return match ? match[0] : '';
}
