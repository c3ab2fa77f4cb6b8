import { setTimeout as sleep } from 'node:timers/promises';
import { type Agent, type Answer, createAgent } from '../support/agent';
import { NoAnswer } from '../support/no-answer';
import type { History, Outcome, Visit } from './history';
import type { Dice } from './random';

/** Where people go: any of the nodes, which all are one site. */
export interface World {
  readonly history: History;
  /** The address that people type; each request goes to a node of the dice's choice. */
  readonly host: string;
  /** The addresses of the nodes. */
  readonly nodes: readonly string[];
  /** Whom the provider signs in where an authorization request has this nonce. */
  readonly askedBy: Map<string, string>;
  /** The number of a new sign-in. */
  nextSession(): number;
  /** The provider signs a person out everywhere, by a call to one of the nodes; whether that was acknowledged. */
  signOutAtProvider(person: string, node: string): Promise<boolean>;
}

/** One browser, of one person, who signs in, reads, opens tabs, and signs out. */
export interface Person {
  readonly name: string;
  /** Goes on until this time (ms since 1970). */
  live(until: number): Promise<void>;
  /** The last page after all is well again; a new sign-in where that takes one. */
  finish(): Promise<void>;
  /** Looks at a page, and signs in where that takes one; whether it is in now. */
  look(): Promise<boolean>;
  /** Signs out; whether that was acknowledged. */
  leave(): Promise<boolean>;
  close(): Promise<void>;
}

/** Something else that a browser does at a node, as often as its weight says. */
export type Pastime = readonly [weight: number, act: (browser: Agent, node: string) => Promise<unknown>];

export function createPerson(world: World, name: string, dice: Dice, pastimes: readonly Pastime[] = []): Person {
  const { history, nodes } = world;
  const browser = createAgent();
  let session = 0;
  const browsers = [browser];

  const anyNode = () => dice.below(nodes.length);

  /** One request to a node, as if a balancer had sent it there. */
  const get = (agent: Agent, node: number, path: string): Promise<Answer> =>
    agent.get(nodes[node] + path, { headers: { host: world.host }, timeoutMs: 8000 });

  const visit = async (agent = browser, of = session): Promise<Outcome> => {
    const node = anyNode();
    const began = Date.now();
    const answer = await get(agent, node, '/page').catch(noAnswer);
    const outcome = outcomeOf(answer);
    const seenAs = answer && outcome === 'in' ? nameIn(answer) : undefined;
    const one: Visit = {
      began,
      ended: Date.now(),
      node,
      person: name,
      session: of,
      outcome,
      status: answer?.status ?? 0,
    };
    history.visits.push(seenAs === undefined ? one : { ...one, seenAs });
    return outcome;
  };

  /** Sign-ins that follow each other so closely would count as a loop: it is as if a minute had passed. */
  const forgetAttempts = async () => {
    for (const { key, domain, path } of await browser.cookies(nodes[0] ?? '')) {
      if (key.endsWith('oidc_attempts')) await browser.jar.store.removeCookie(domain, path, key);
    }
  };

  /** A sign-in whose every step goes to another node. */
  const signIn = async (): Promise<boolean> => {
    await forgetAttempts();
    const begun = await get(browser, anyNode(), '/_oidc_login?return=/page').catch(noAnswer);
    if (begun?.status !== 302) return false;
    const location = String(begun.headers.location);
    if (location.startsWith('/')) return false; // still signed in, as far as this node has heard
    const provider = new URL(location);
    world.askedBy.set(String(provider.searchParams.get('nonce')), name);
    const asked = await browser.get(provider.href).catch(noAnswer);
    if (asked?.status !== 302) return false;
    const callback = new URL(String(asked.headers.location));
    const back = await get(browser, anyNode(), callback.pathname + callback.search).catch(noAnswer);
    if (back?.status !== 302) return false;
    session = world.nextSession();
    return true;
  };

  /** Signs out; which session was ended, where that was acknowledged. */
  const endSession = async (): Promise<number | undefined> => {
    const ended = session;
    const answer = await get(browser, anyNode(), '/logout').catch(noAnswer);
    if (answer?.status !== 302) return undefined;
    history.signOuts.push({ sessions: [ended], acknowledged: Date.now(), by: 'person' });
    session = 0;
    return ended;
  };

  /** Signs out, and shows the old cookie for a while. */
  const signOut = async () => {
    const ghost = createAgent();
    browsers.push(ghost);
    const [node = ''] = nodes;
    for (const cookie of await browser.cookies(node))
      await ghost.jar.setCookie(cookie, node.replace('http:', 'https:'));
    const ended = await endSession();
    if (ended === undefined) return;
    for (let shown = 0; shown < 4; shown++) {
      await sleep(dice.between(100, 2500));
      await visit(ghost, ended);
    }
  };

  /** What the browser does not hear of: its next page shows it. */
  const signOutAtProvider = async () => {
    if (await world.signOutAtProvider(name, nodes[anyNode()] as string)) {
      history.signOuts.push({ sessions: [session], acknowledged: Date.now(), by: 'provider' });
    }
  };

  const actions: [number, () => Promise<unknown>][] = [
    [60, () => visit()],
    [15, () => Promise.all([visit(), visit(), visit()])],
    [4, signOut],
    [2, signOutAtProvider],
    ...pastimes.map(([weight, act]): [number, () => Promise<unknown>] => [
      weight,
      () => act(browser, nodes[anyNode()] as string),
    ]),
  ];

  return {
    name,
    async live(until) {
      while (Date.now() < until) {
        if (session === 0) await signIn();
        else if ((await dice.pick(actions)()) === 'out') await signIn();
        await sleep(dice.between(20, 600));
      }
    },
    async finish() {
      const outcome = session === 0 ? 'out' : await visit();
      const before = session;
      const signedInAgain = outcome !== 'in' && (await signIn()) && (await visit()) === 'in';
      history.endings.push({ person: name, session: before, outcome, signedInAgain });
    },
    async look() {
      const isIn = async () => session !== 0 && (await visit()) === 'in';
      return (await isIn()) || ((await signIn()) && isIn());
    },
    async leave() {
      return session === 0 || (await endSession()) !== undefined;
    },
    async close() {
      for (const one of browsers) await one.close();
    },
  };
}

const nameIn = (answer: Answer): string => String(answer.json<{ headers: Record<string, string> }>().headers.username);

function outcomeOf(answer: Answer | undefined): Outcome {
  if (answer === undefined) return 'no answer';
  if (answer.status === 200) return 'in';
  return answer.status === 302 || answer.status === 401 ? 'out' : 'unavailable';
}

function noAnswer(error: unknown): undefined {
  if (error instanceof NoAnswer) return undefined;
  throw error;
}
