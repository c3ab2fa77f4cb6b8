interface Entry {
  value: string;
  written: number;
}

/** keyval_zones of one NGINX Plus node. */
export interface KeyvalNode {
  get(zone: string, key: string): string | undefined;
  set(zone: string, key: string, value: string): void;
  dump(zone: string): Record<string, string>;
}

/**
 * The keyval zones of a cluster. What is written on one node is there at once, and on the others after `delay` ms, as
 * zone_sync does it: the later write wins.
 */
export function keyvalCluster(nodes: number, delay: number): KeyvalNode[] {
  const stores = Array.from({ length: nodes }, () => new Map<string, Entry>());
  let writes = 0;
  return stores.map((store) => ({
    get: (zone, key) => store.get(`${zone}/${key}`)?.value,
    set(zone, key, value) {
      writes += 1;
      const entry = { value, written: writes };
      store.set(`${zone}/${key}`, entry);
      for (const other of stores.filter((one) => one !== store)) {
        setTimeout(() => {
          const there = other.get(`${zone}/${key}`);
          if (!there || there.written < entry.written) other.set(`${zone}/${key}`, entry);
        }, delay);
      }
    },
    dump: (zone) =>
      Object.fromEntries(
        [...store].flatMap(([key, { value }]) =>
          key.startsWith(`${zone}/`) ? [[key.slice(zone.length + 1), value]] : [],
        ),
      ),
  }));
}

/** `keyval $key $variable zone=...` lines of a configuration. */
export function keyvalLines(conf: string): Record<string, { key: string; zone: string }> {
  const lines = [...conf.matchAll(/^\s*keyval\s+\$(\w+)\s+\$(\w+)\s+zone=(\w+);/gm)];
  return Object.fromEntries(lines.map(([, key = '', variable = '', zone = '']) => [variable, { key, zone }]));
}
