/** Choices that a seed repeats. */
export interface Dice {
  /** An integer from 0 to `end - 1`. */
  below(end: number): number;
  /** An integer from `from` to `to`, both included. */
  between(from: number, to: number): number;
  /** One of these, as often as its weight says. */
  pick<T>(choices: readonly (readonly [weight: number, choice: T])[]): T;
  /** Dice of its own for whoever has this number, so that nobody's choices hang on when others make theirs. */
  for(number: number): Dice;
}

/** Marsaglia's xorshift with 32 bits of state: even enough for what it chooses here. */
export function dice(seed: number): Dice {
  let state = (Math.imul(seed, 0x9e3779b1) ^ 0x85ebca6b) >>> 0 || 1;
  const next = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state = (state ^ (state << 5)) >>> 0;
    return state / 2 ** 32;
  };
  for (let warm = 0; warm < 8; warm++) next();
  const below = (end: number) => Math.floor(next() * end);
  return {
    below,
    between: (from, to) => from + below(to - from + 1),
    pick(choices) {
      let left = next() * choices.reduce((sum, [weight]) => sum + weight, 0);
      for (const [weight, choice] of choices) {
        left -= weight;
        if (left < 0) return choice;
      }
      return (choices.at(-1) as (typeof choices)[number])[1];
    },
    for: (number) => dice(seed * 1000 + number + 1),
  };
}
