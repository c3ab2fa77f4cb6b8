const units: Array<[size: number, name: string]> = [
  [86400, 'day'],
  [3600, 'hour'],
  [60, 'minute'],
  [1, 'second'],
];

/** A moment in words, `in 4 minutes`; `past` when it is over. `at` and `now` in seconds since epoch. */
export function inTime(at: number, past: string, now = Date.now() / 1000): string {
  const left = Math.round(at - now);
  const [size, name] = units.find(([unit]) => left >= unit) ?? [1, 'second'];
  const count = Math.floor(left / size);
  return left <= 0 ? past : `in ${count} ${name}${count === 1 ? '' : 's'}`;
}
