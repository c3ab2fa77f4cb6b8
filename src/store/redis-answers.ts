import { oidcError } from '../protocol/errors';

/** An answer of the adapter (src/stream/): `$` a text, `_` nothing there, `:` a number, `+` a status. */
export interface StoreAnswer {
  readonly kind: '$' | '_' | ':' | '+';
  readonly text: string;
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
 * Reads one answer.
 * @throws store_unreachable, store_refused, store_full
 */
export function readAnswer(status: number, body: string): StoreAnswer {
  if (status === 503) {
    throw oidcError(
      'store_unreachable',
      `the session store cannot take this now: ${word(body) || 'no server is left'}`,
    );
  }
  if (status === 400) {
    throw oidcError(
      'store_refused',
      'what speaks to the session store does not understand: are all files of one version?',
    );
  }
  const kind = body.charAt(0);
  if (status !== 200 || !kind || '$_:+-'.indexOf(kind) < 0) {
    const why = status === 502 && /^(?:broken|unasked)$/.test(body) ? 'what it answered makes no sense' : 'see above';
    throw oidcError('store_unreachable', `the session store could not be asked (${status}): ${why}`);
  }
  if (kind === '-') {
    throw refusal(body.slice(1));
  }
  return { kind: kind as StoreAnswer['kind'], text: body.slice(1) };
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
