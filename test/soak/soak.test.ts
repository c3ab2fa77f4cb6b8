import { describe, expect, it } from 'vitest';
import { findNginx } from '../../scripts/nginx/find';
import { summary } from '../history/play';
import { table } from './report';
import { soak } from './soak';

const seconds = Number(process.env.OIDC_SOAK_SECONDS ?? 180);
const seed = Number(process.env.OIDC_SOAK_SEED ?? Date.now() % 1_000_000);

// Both at a time: most of it is waiting.
describe.concurrent('a site that people use for a while, with faults of provider and store, and reloads', () => {
  it.each(['zone', 'valkey-8'] as const)(
    `holds nothing in the end that it did not hold in the beginning: sessions in %s, seed ${seed}`,
    async (store) => {
      const { violations, history, measured, sockets } = await soak({
        nginx: await findNginx('C'),
        store,
        seed,
        seconds,
        people: 12,
      });
      const figures = [summary(history), ...measured.map(table)].join('\n');
      expect([violations, figures]).toEqual([[], expect.any(String)]);
      const { visits, signOuts, tokenUses, troubles } = history;
      const often = [visits.length / 10, signOuts.length, tokenUses.length, sockets.messages];
      expect(Math.min(...often), figures).toBeGreaterThan(seconds / 12);
      expect(troubles.length).toBeGreaterThan(3);
    },
  );
});
