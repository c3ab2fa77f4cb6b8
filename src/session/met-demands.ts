import { asksNothing, type Demands, judge, readDemands, type Verdict } from '../protocol/demands';
import type { Store } from '../store/store';
import { sessionClaims } from './session-claims';
import type { Session, Sessions } from './sessions';
import { readTokenPart, type TokenSeal } from './token-set';

/**
 * Until when a session meets what a location demands, for a gate that keeps the answer as long as the session's record
 * is the same.
 * @param set the session's set of tokens
 * @param demands as `readDemands` takes it
 * @param now milliseconds since 1970
 * @returns milliseconds since 1970; 0 where it does not meet them, undefined where its claims are not there
 * @throws config_invalid
 */
export async function metUntil(
  store: Pick<Store, 'get'>,
  seal: TokenSeal,
  set: string,
  demands: string,
  now: number,
): Promise<number | undefined> {
  const wanted = readDemands(demands);
  const texts = await readTokenPart(store, seal, set, 'id');
  if (!texts) {
    return undefined;
  }
  const [idToken, besideIdToken] = texts as [string, string?];
  const verdict = judge(wanted, sessionClaims({ idToken, besideIdToken: besideIdToken || '' }), now / 1000);
  return 'until' in verdict ? verdict.until * 1000 : 0;
}

/** The whole verdict on a session; undefined where its claims are gone. `now` in seconds since 1970. */
export async function verdictOn(
  sessions: Sessions,
  session: Session,
  demands: Demands,
  now: number,
): Promise<Verdict | undefined> {
  if (asksNothing(demands)) {
    return { until: Number.POSITIVE_INFINITY };
  }
  const tokens = await sessions.tokens(session);
  return tokens && judge(demands, sessionClaims(tokens), now);
}
