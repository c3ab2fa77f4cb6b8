import { setTimeout as sleep } from 'node:timers/promises';
import type { NginxProcess } from '../support/nginx-process';
import type { History, Trouble } from './history';
import type { Dice } from './random';
import type { RunningWorld } from './world';

/** Something that goes wrong for a while; resolves when it is mended, with the nodes it concerned. */
export interface Fault<W> {
  what: string;
  weight: number;
  forgets?: boolean;
  happen(world: W, dice: Dice): Promise<number[]>;
}

/** The nodes of a world, as far as a fault needs to know them. */
export interface Nodes {
  readonly history: History;
  readonly machines: readonly { readonly nginx: NginxProcess }[];
}

export const all = ({ machines }: Nodes) => machines.map((_, number) => number);

export const storeFaults: readonly Fault<RunningWorld>[] = [
  {
    what: 'the store is killed, and starts with its append-only file',
    weight: 3,
    async happen(world, dice) {
      await world.primary.kill();
      await sleep(dice.between(200, 2000));
      await world.primary.start();
      return all(world);
    },
  },
  {
    what: 'the store is frozen',
    weight: 3,
    async happen(world, dice) {
      world.primary.freeze();
      await sleep(dice.between(300, 3000));
      world.primary.thaw();
      return all(world);
    },
  },
  {
    what: 'one node is cut off from the store',
    weight: 4,
    async happen(world, dice) {
      const node = dice.below(world.machines.length);
      const link = world.machines[node]?.link;
      link?.cut();
      await sleep(dice.between(500, 4000));
      link?.restore();
      return [node];
    },
  },
  {
    what: 'the store is read-only',
    weight: 2,
    async happen(world, dice) {
      await world.primary.command('REPLICAOF', '127.0.0.1', '1');
      await sleep(dice.between(500, 3000));
      await world.primary.command('REPLICAOF', 'NO', 'ONE');
      return all(world);
    },
  },
  {
    what: 'the store fails over to its replica',
    weight: 2,
    forgets: true,
    async happen(world) {
      const { primary, replica, machines } = world;
      await primary.kill();
      await replica.command('REPLICAOF', 'NO', 'ONE');
      for (const { link } of machines) link.leadTo(replica.port);
      await primary.start();
      await primary.command('REPLICAOF', '127.0.0.1', String(replica.port));
      Object.assign(world, { primary: replica, replica: primary });
      return all(world);
    },
  },
];

export const reload: Fault<Nodes> = {
  what: 'a node reloads its configuration',
  weight: 3,
  async happen(world, dice) {
    const node = dice.below(world.machines.length);
    await world.machines[node]?.nginx.reload();
    return [];
  },
};

/** Nodes and workers that die. */
const deaths: readonly Fault<Nodes>[] = [
  {
    what: 'a worker of a node is killed',
    weight: 3,
    async happen(world, dice) {
      const node = dice.below(world.machines.length);
      await world.machines[node]?.nginx.killWorker();
      return [node];
    },
  },
  {
    what: 'a node is killed, with all it remembered, and starts again',
    weight: 2,
    async happen(world, dice) {
      const node = dice.below(world.machines.length);
      const nginx = world.machines[node]?.nginx;
      for (const pid of [nginx?.pid ?? 0, ...(nginx?.workers() ?? [])]) if (pid > 0) process.kill(pid, 'SIGKILL');
      await nginx?.stopKeepingState();
      await sleep(dice.between(100, 1500));
      await nginx?.start();
      return [node];
    },
  },
];

export const faults: readonly Fault<RunningWorld>[] = [...storeFaults, reload, ...deaths];

/** One of these faults after the other, with pauses, until this time (ms since 1970). */
export async function makeTrouble<W extends Nodes>(
  world: W,
  faults: readonly Fault<W>[],
  dice: Dice,
  until: number,
  tell: (text: string) => void,
) {
  const choices = faults.map((fault) => [fault.weight, fault] as const);
  for (;;) {
    await sleep(dice.between(1500, 5000));
    if (Date.now() >= until) return;
    const fault = dice.pick(choices);
    const trouble: Trouble = {
      what: fault.what,
      from: Date.now(),
      to: Number.POSITIVE_INFINITY,
      nodes: all(world),
      forgets: fault.forgets ?? false,
    };
    world.history.troubles.push(trouble);
    tell(fault.what);
    trouble.nodes = await fault.happen(world, dice);
    trouble.to = Date.now();
  }
}
