import type { Random } from './random';
import { mutate, text } from './texts';

/** Values in places where none of their kind belongs. */
const strange = [
  'null',
  'true',
  '0',
  '-1',
  '1e300',
  '1e400',
  '""',
  '[]',
  '{}',
  '[[]]',
  '"\\ud800"',
  '"\\u0000"',
  '"a\\r\\nb"',
  '{"toString":1,"valueOf":1}',
  '{"length":1}',
  '["RSA"]',
  '"__proto__"',
  '{"__proto__":{"a":1}}',
  '"https://evil.test/"',
  '"http://idp.test/x"',
];

/** JSON texts: documents whose members were changed, doubled or dropped, nested deeply, and texts that are not JSON. */
export function document(random: Random, seeds: readonly string[]): string {
  const kind = random.below(10);
  const seed = random.pick(seeds);
  if (kind === 0) return text(random, seeds);
  if (kind === 1) return mutate(random, seed, seeds);
  if (kind === 2 && random.chance(0.05)) return nested(random, seed);
  return changeMembers(random, seed);
}

function changeMembers(random: Random, seed: string): string {
  const pattern = /"(?:[^"\\]|\\.)*"\s*:\s*("(?:[^"\\]|\\.)*"|-?[\d.]+|true|false|null|\[[^[\]{}]*\])/g;
  return seed.replace(pattern, (member: string, value: string) => {
    const name = member.slice(0, member.length - value.length);
    if (random.chance(0.75)) return member;
    const change = random.below(5);
    if (change === 0) return `${member},${name}${random.pick(strange)}`;
    if (change === 1) return `"x${random.below(9)}":${value}`;
    if (change === 2) return `${name}[${value}]`;
    if (change === 3 && value.startsWith('"'))
      return `${name}${JSON.stringify(mutate(random, value.slice(1, -1), [seed]))}`;
    return name + random.pick(strange);
  });
}

/** A member that holds thousands of lists or objects, one in the other. */
function nested(random: Random, seed: string): string {
  const depth = random.pick([40, 1000, 20_000]);
  const deep = random.chance(0.5)
    ? '['.repeat(depth) + ']'.repeat(depth)
    : `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
  return random.chance(0.2) ? deep : seed.replace(/:\s*("[^"]*"|\d+)/, `:${deep}`);
}
