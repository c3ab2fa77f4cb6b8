import { setTimeout as sleep } from 'node:timers/promises';
import { all, type Fault } from '../history/faults';
import type { Canned } from '../support/misbehaving-provider';
import type { SoakWorld } from './world';

const tokenFault = (what: string, canned: Canned): Fault<SoakWorld> => ({
  what: `the token endpoint ${what}`,
  weight: 2,
  async happen(world, dice) {
    world.around.tokenTrouble = canned;
    await sleep(dice.between(500, 3000));
    world.around.tokenTrouble = undefined;
    return all(world);
  },
});

const page = '<html><title>Be right back</title></html>';

export const providerFaults: readonly Fault<SoakWorld>[] = [
  {
    what: 'the provider is down',
    weight: 3,
    async happen(world, dice) {
      await world.around.provider.down();
      await sleep(dice.between(500, 4000));
      await world.around.provider.up();
      return all(world);
    },
  },
  tokenFault('answers 503', { status: 503, html: true, body: page }),
  tokenFault('answers late', { delayMs: 2500 }),
  tokenFault('breaks off', { resetConnection: true }),
  tokenFault('answers with half of the answer', { cutOffAfter: 100 }),
  tokenFault('refuses every grant', { status: 400, body: '{"error":"invalid_grant"}' }),
  {
    what: 'the provider changes its keys',
    weight: 2,
    async happen(world, dice) {
      world.around.provider.rotateKeys({ keepOld: dice.below(2) === 0 });
      return all(world);
    },
  },
];

export const zoneFault: Fault<SoakWorld> = {
  what: 'the zone of sessions is nearly full',
  weight: 5,
  async happen(world, dice) {
    for (const tools of world.tools)
      await fetch(
        `${tools}/fill?left=${dice.pick([
          [1, 0],
          [1, 8192],
          [1, 40_000],
        ])}`,
      );
    await sleep(dice.between(1000, 4000));
    for (const tools of world.tools) await fetch(`${tools}/empty`);
    return all(world);
  },
};
