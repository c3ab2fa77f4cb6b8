/** What can be chosen, by name. */
type Factors = Record<string, readonly unknown[]>;
type Chosen<T extends Factors> = { [K in keyof T]: T[K][number] };

/** Few combinations in which each value of each factor meets each value of every other one. The same factors give the same ones. */
export function pairwise<T extends Factors>(factors: T): Chosen<T>[] {
  const names = Object.keys(factors) as (keyof T & string)[];
  const valuesOf = (name: string) => factors[name] ?? [];
  const open = new Set<string>();
  const keyOf = (a: string, i: number, b: string, j: number) => `${a} ${i} ${b} ${j}`;
  names.forEach((a, first) => {
    for (const b of names.slice(first + 1)) {
      valuesOf(a).forEach((_a, i) => {
        valuesOf(b).forEach((_b, j) => {
          open.add(keyOf(a, i, b, j));
        });
      });
    }
  });

  const combinations: Chosen<T>[] = [];
  while (open.size > 0) {
    const [start = ''] = open;
    const [a = '', i, b = '', j] = start.split(' ');
    const picked = new Map<string, number>([
      [a, Number(i)],
      [b, Number(j)],
    ]);
    const opens = (name: string, value: number) =>
      [...picked].filter(([other, index]) =>
        names.indexOf(name) < names.indexOf(other)
          ? open.has(keyOf(name, value, other, index))
          : open.has(keyOf(other, index, name, value)),
      ).length;
    for (const name of names) {
      if (picked.has(name)) continue;
      const gains = valuesOf(name).map((_value, value) => opens(name, value));
      picked.set(name, gains.indexOf(Math.max(...gains)));
    }
    names.forEach((first, at) => {
      for (const second of names.slice(at + 1))
        open.delete(keyOf(first, picked.get(first) ?? 0, second, picked.get(second) ?? 0));
    });
    combinations.push(
      Object.fromEntries(names.map((name) => [name, valuesOf(name)[picked.get(name) ?? 0]])) as Chosen<T>,
    );
  }
  return combinations;
}
