import { sharedSessionsIn } from '../../src/session/shared-sessions';
import type { SharedStore } from '../../src/store/shared-store';
import { memorySharedStore } from './memory-shared-store';
import { type MemoryStore, memoryStore } from './memory-store';
import { scopeOf, sessionRecord, tokenRecord } from './session-fixture';

export const defaultTrust = { freshness: 5, grace: 300 };

/** Machines that share a store in memory, each with a zone of its own. */
export function sharedNodes(count: number, trust = defaultTrust, shared = memorySharedStore()) {
  const zones = Array.from({ length: count }, () => memoryStore(shared.now));
  const nodes = zones.map((zone) => sharedSessionsIn(zone, shared, scopeOf(), trust));
  return {
    shared,
    zones: zones as [MemoryStore, MemoryStore, MemoryStore],
    nodes: nodes as [(typeof nodes)[0], (typeof nodes)[0], (typeof nodes)[0]],
    now: () => shared.now,
    pass(seconds: number) {
      shared.now += seconds;
      for (const zone of zones) zone.now += seconds;
    },
    signIn: (changes = {}, tokens = {}) =>
      (nodes[0] as (typeof nodes)[0]).create(sessionRecord(shared.now, changes), tokenRecord(tokens), shared.now),
    /** A node whose questions to the store a test can hold up or change. */
    nodeOver: (store: SharedStore, zone = memoryStore(shared.now)) => sharedSessionsIn(zone, store, scopeOf(), trust),
  };
}
