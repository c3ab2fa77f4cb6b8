import { violations } from './check';
import { faults, makeTrouble } from './faults';
import type { History } from './history';
import { createPerson } from './person';
import { dice } from './random';
import { settle, startWorld, type WorldOptions } from './world';

export interface PlayOptions extends WorldOptions {
  seed: number;
  /** how long people browse (s) */
  seconds: number;
  people: number;
  /** whether anything goes wrong */
  faults: boolean;
  tell?: (text: string) => void;
}

export interface Played {
  history: History;
  violations: string[];
  /** what each node logged */
  logs: string[];
}

/** People use a site of several nodes while things go wrong; what they met, and which promises were broken. */
export async function play(options: PlayOptions): Promise<Played> {
  const { seed, seconds, freshness, tell = () => {} } = options;
  const world = await startWorld(options);
  const chance = dice(seed);
  const people = Array.from({ length: options.people }, (_, number) =>
    createPerson(world, `person-${number}`, chance.for(number)),
  );
  try {
    const until = Date.now() + seconds * 1000;
    const lives = people.map((person) => person.live(until));
    const trouble = options.faults ? makeTrouble(world, faults, chance.for(-1), until, tell) : undefined;
    await Promise.all([...lives, trouble]);
    await settle(world);
    for (const person of people) await person.finish();
    const logs = world.machines.map(({ nginx }) => nginx.errorLog());
    return { history: world.history, violations: violations(world.history, { freshness }), logs };
  } finally {
    for (const person of people) await person.close();
    await world.stop();
  }
}

/** How many visits ended how, and what happened, in one line. */
export function summary({ visits, signOuts, troubles, tokenUses, endings }: History): string {
  const count = (outcome: string) => visits.filter((visit) => visit.outcome === outcome).length;
  const outcomes = ['in', 'out', 'unavailable', 'no answer'].map((outcome) => `${count(outcome)} ${outcome}`);
  const again = endings.filter(({ signedInAgain }) => signedInAgain).length;
  return (
    `${visits.length} visits (${outcomes.join(', ')}), ${signOuts.length} sign-outs, ${tokenUses.length} renewals, ` +
    `${troubles.length} troubles; in the end ${again} of ${endings.length} had to sign in again`
  );
}
