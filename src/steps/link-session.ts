import { logWarning } from '../nginx/log';
import { oidcError } from '../protocol/errors';
import type { VerifiedIdToken } from '../protocol/id-token';
import { type Identity, identityIn } from '../protocol/identity';
import type { Session } from '../session/sessions';
import type { SiteContext } from '../visit/context';

/**
 * Puts a new session where sign-outs find it: under its person, and under its session at the provider. Rejects
 * with store_failed, and the session has ended.
 */
export async function linkSession(context: SiteContext, idToken: VerifiedIdToken, session: Session): Promise<void> {
  const { sessionIndex, r, now } = context;
  const gaveWay = await sessionIndex.link(
    identityIn(idToken.claims) as Identity,
    { key: session.key, ends: session.record.endsAt },
    now,
  );
  if (gaveWay === 'session') {
    logWarning(r, oidcError('store_failed', 'one person has too many sessions'), 'the oldest of them ended');
  } else if (gaveWay === 'link') {
    const problem = 'more sessions than one person can have share a "sid" that anybody could guess';
    logWarning(r, oidcError('store_failed', problem), 'the oldest of them can be ended by its "sub" alone');
  }
}
