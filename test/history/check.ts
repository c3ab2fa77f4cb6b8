import type { History, SignOut, Trouble, Visit } from './history';

export interface Promises {
  /** `$oidc_store_freshness`, seconds. */
  freshness: number;
}

/** One more second, for a request that was under way. */
const slack = 1000;
/** A node that was cut off hears of what it missed within its freshness and this (ms). */
const recovery = 2000;

/** What the site promised and did not keep; nothing where all is well. */
export function violations(history: History, promises: Promises): string[] {
  return [
    ...strangersLetIn(history),
    ...signedOutLetIn(history, promises),
    ...tokensSentTwice(history),
    ...peopleLeftOut(history),
  ];
}

/** Nobody is ever let in with another's claims. */
function strangersLetIn({ visits }: History): string[] {
  return visits
    .filter(({ outcome, seenAs, person }) => outcome === 'in' && seenAs !== person)
    .map((visit) => `${told(visit)} was seen as ${visit.seenAs}`);
}

/** After an acknowledged sign-out no node that can reach the store lets that cookie in later than freshness and a second. */
function signedOutLetIn({ visits, signOuts, troubles }: History, { freshness }: Promises): string[] {
  const ended = new Map<number, SignOut>();
  for (const signOut of signOuts) {
    for (const session of signOut.sessions) {
      const before = ended.get(session);
      if (!before || signOut.acknowledged < before.acknowledged) ended.set(session, signOut);
    }
  }
  const late = (visit: Visit): boolean => {
    const signOut = ended.get(visit.session);
    if (!signOut || visit.outcome !== 'in' || troubles.some((trouble) => forgot(trouble, signOut))) return false;
    const heardBy = Math.max(
      signOut.acknowledged,
      ...troubles.filter((trouble) => hides(trouble, signOut, visit)).map(({ to }) => to + recovery),
    );
    return visit.began > heardBy + freshness * 1000 + slack;
  };
  return visits.filter(late).map((visit) => {
    const signOut = ended.get(visit.session) as SignOut;
    return `${told(visit)} was let in ${visit.began - signOut.acknowledged} ms after a sign-out by the ${signOut.by}`;
  });
}

/** Whether the node of a visit could not hear of a sign-out. */
function hides(trouble: Trouble, signOut: SignOut, visit: Visit): boolean {
  return trouble.to > signOut.acknowledged && trouble.from < visit.ended && trouble.nodes.includes(visit.node);
}

/** Whether the store may have lost a sign-out that it had acknowledged just before. */
function forgot({ forgets, from, to }: Trouble, { acknowledged }: SignOut): boolean {
  return forgets && acknowledged > from - recovery && acknowledged < to + recovery;
}

/** No refresh token is sent twice, unless its answer was lost: while a node or the store was away. */
function tokensSentTwice({ tokenUses, troubles }: History): string[] {
  const uses = new Map<string, number[]>();
  for (const { token, at } of tokenUses) uses.set(token, [...(uses.get(token) ?? []), at]);
  return [...uses.values()]
    .filter((times) => times.length > 1)
    .filter(([first = 0, second = 0]) => !troubles.some(({ from, to }) => from <= second && to + recovery >= first))
    .map(
      (times) => `a refresh token was sent ${times.length} times, within ${(times.at(-1) ?? 0) - (times[0] ?? 0)} ms`,
    );
}

/** Who was signed in and not signed out is in, or signs in again, and that only where something was lost. */
function peopleLeftOut({ endings, signOuts, troubles }: History): string[] {
  const signedOut = new Set(signOuts.flatMap(({ sessions }) => sessions));
  const nothingLost = troubles.length === 0;
  return endings.flatMap(({ person, session, outcome, signedInAgain }) => {
    if (outcome !== 'in' && !signedInAgain) return [`${person} could not sign in again: ${outcome}`];
    return outcome === 'out' && session !== 0 && nothingLost && !signedOut.has(session)
      ? [`${person} had to sign in again for nothing`]
      : [];
  });
}

const told = ({ person, session, node }: Visit) => `${person} (sign-in ${session}) at node ${node}`;
