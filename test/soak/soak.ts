import { setTimeout as sleep } from 'node:timers/promises';
import { violations } from '../history/check';
import { makeTrouble, reload } from '../history/faults';
import type { History } from '../history/history';
import { createPerson, type Person } from '../history/person';
import { dice } from '../history/random';
import { countSessions, type Measured, measure } from './measure';
import { type SocketCounts, socketPastime } from './sockets';
import { notFlat } from './verdict';
import { type SoakOptions, type SoakWorld, startSoakWorld } from './world';

export interface SoakSettings extends SoakOptions {
  seed: number;
  /** of everything (s); at least 100 */
  seconds: number;
  people: number;
  /** whether anything goes wrong; true unless told */
  faults?: boolean;
  tell?: (text: string) => void;
}

export interface Soaked {
  history: History;
  sockets: SocketCounts;
  /** of each node: before anybody came, after each round, and after everybody had left */
  measured: Measured[][];
  /** What the site did not keep, or does not give back; nothing where all is well. */
  violations: string[];
  /** what each node logged */
  logs: string[];
}

/** Sessions live for a minute here; after this time (ms) nothing of them is left. */
const drained = 63_000;
/** Until what was under way when a round ended is over (ms). */
const quiet = 5000;

/**
 * People use a site for rounds of equal length while things go wrong. Between the rounds all is well and nobody asks
 * anything: that is when memory, zones and sessions are counted. Reloads happen in the first half only, so that the
 * workers that are looked at in the end have lived through the second.
 */
export async function soak(settings: SoakSettings): Promise<Soaked> {
  const { seed, seconds, tell = () => {} } = settings;
  const world = await startSoakWorld(settings);
  const chance = dice(seed);
  const sockets: SocketCounts = { opened: 0, refused: 0, messages: 0, wrong: 0 };
  const people = Array.from({ length: settings.people }, (_, number) => {
    const own = chance.for(number);
    return createPerson(world, `person-${number}`, own, [socketPastime(world.host, own, sockets)]);
  });
  const nodes = world.nodes.map((_, node) => node);
  const measured: Measured[][] = nodes.map(() => []);
  const note = async () => {
    for (const node of nodes) measured[node]?.push(await measure(world, node));
  };
  const wrong: string[] = [];
  const miscounted = async (when: string, expected: number, orphans = 0): Promise<string[]> => {
    const found: string[] = [];
    for (const node of nodes) {
      const sessions = await countSessions(world, node);
      if (sessions < expected || sessions > expected + orphans) {
        found.push(`node ${node} counts ${sessions} sessions ${when}, not ${expected}`);
      }
    }
    return found;
  };
  /** Everybody gets in, and is counted; again on a machine so busy that sessions of a minute end meanwhile. */
  const allIn = async (when: string, expected: number, orphans = 0) => {
    let found: string[] = [];
    for (let tries = 0; tries < 3; tries++) {
      found = [...(await notIn(people, when)), ...(await miscounted(when, expected, orphans))];
      if (found.length === 0) return;
    }
    wrong.push(...found);
  };
  for (const { nginx } of world.machines) for (const line of expectedLines) nginx.expectLog(line);
  try {
    await note();
    const living = Math.max(20, seconds - drained / 1000 - 15);
    const rounds = Math.min(12, Math.max(2, Math.floor(living / 60)));
    const each = (living * 1000) / rounds - quiet;
    for (let round = 0; round < rounds; round++) {
      const until = Date.now() + each;
      const faults = round < rounds / 2 ? [...world.faults, reload] : world.faults;
      const goesWrong = settings.faults ?? true;
      const trouble = goesWrong ? makeTrouble(world, faults, chance.for(-1 - round), until, tell) : undefined;
      await Promise.all([...people.map((person) => person.live(until)), trouble]);
      await sleep(quiet);
      const recent = world.history.troubles.filter(({ to }) => Date.now() - to < drained);
      // A store that fails over may have lost what it had acknowledged; an answer that a fault took leaves a session that
      // no browser knows. Both are over a minute later.
      const fewest = recent.some(({ forgets }) => forgets) ? 0 : people.length;
      await allIn(`after round ${round + 1}`, fewest, people.length - fewest + recent.length * people.length);
      await note();
      tell(`round ${round + 1} of ${rounds}`);
    }
    await leave(people, wrong);
    await sleep(drained);
    wrong.push(...(await miscounted('after everybody left', 0)));
    await note();
    await allIn('in the end', people.length);
    await leave(people, wrong);
    wrong.push(...(await miscounted('after everybody left again', 0)));
    wrong.push(...logged(world), ...nodes.flatMap((node) => notFlat(measured[node] ?? [], node, people.length)));
    if (sockets.wrong > 0) wrong.push(`${sockets.wrong} messages did not come back over a WebSocket`);
    if (world.openSockets() > 0) wrong.push(`${world.openSockets()} WebSockets are still open at the application`);
    return {
      history: world.history,
      sockets,
      measured,
      violations: [...violations(world.history, { freshness: 2 }), ...wrong],
      logs: world.machines.map(({ nginx }) => nginx.errorLog()),
    };
  } finally {
    for (const person of people) await person.close();
    await world.stop();
  }
}

/** What the faults make NGINX and the module say; anything else that is severe in an error log is a finding. */
const expectedLines = [
  /oidc: (?:provider_unreachable|provider_timeout|token_request_failed|token_response_invalid|store_\w+|unknown_key) /,
  /oidc: (?:id_token_signature|jwks_failed|discovery_failed|access_token_expired|login_expired) /,
  /(?:connect|recv|writev)\(\) failed|upstream prematurely closed|upstream timed out/,
  /ngx_slab_alloc\(\) failed: no memory in js shared zone "oidc_sessions"/,
  // njs, of a request whose browser left while a handler waited for the store.
  /pending events while closing request, client: 127\.0\.0\.1, server: 127\.0\.0\.1:\d+$/,
];

async function notIn(people: Person[], when: string): Promise<string[]> {
  const are = await Promise.all(people.map(inSoon));
  return people.filter((_, number) => !are[number]).map(({ name }) => `${name} cannot get in ${when}`);
}

/** Nodes hear of each other's sessions within seconds. */
async function inSoon(person: Person): Promise<boolean> {
  for (let tries = 0; tries < 5; tries++) {
    if (await person.look()) return true;
    await sleep(1000);
  }
  return false;
}

async function leave(people: Person[], wrong: string[]): Promise<void> {
  for (const person of people) if (!(await person.leave())) wrong.push(`${person.name} cannot sign out`);
}

function logged({ machines }: SoakWorld): string[] {
  return machines.flatMap(({ nginx }, node) =>
    nginx.unexpectedErrors().map((line) => `node ${node} logged: ${line.slice(0, 300)}`),
  );
}
