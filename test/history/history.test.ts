import { describe, expect, it } from 'vitest';
import { findNginx } from '../../scripts/nginx/find';
import { clockOff } from '../support/faketime';
import { play, summary } from './play';

const seconds = Number(process.env.OIDC_HISTORY_SECONDS ?? 60);
const seed = Number(process.env.OIDC_HISTORY_SEED ?? Date.now() % 1_000_000);

describe('fifty people at three nodes of one site, while stores and nodes fail', () => {
  it(`are promised what they were: seed ${seed}`, async () => {
    const nginx = await findNginx('C');
    const played = await play({
      nginx,
      store: 'valkey-8',
      seed,
      seconds,
      nodes: 3,
      people: 50,
      freshness: 2,
      faults: true,
      env: clockOff(10),
    });
    const { visits, signOuts, tokenUses } = played.history;
    expect([played.violations, summary(played.history)]).toEqual([[], expect.any(String)]);
    expect(Math.min(visits.length, signOuts.length, tokenUses.length)).toBeGreaterThan(seconds / 3);
  });
});
