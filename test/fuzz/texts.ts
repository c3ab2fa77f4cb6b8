import { readFileSync } from 'node:fs';
import type { Random } from './random';

/** One case in so many is huge. */
const hugeOnceIn = 2000;
const hugeLength = 200_000;

/** Pieces that parsers stumble over. */
const pieces = [
  '',
  ' ',
  '\t',
  '\r\n',
  '\n',
  '\0',
  '\x7f',
  '\x1b[2J',
  '=',
  '==',
  '&',
  ';',
  ',',
  '.',
  '..',
  '/',
  '//',
  '\\',
  '/\\',
  ':',
  '@',
  '#',
  '?',
  '%',
  '%2',
  '%00',
  '%0d%0a',
  '%2f',
  '%5c',
  '%ff',
  '%c0%af',
  '%ed%a0%80',
  '%u0041',
  '+',
  '"',
  "'",
  '<',
  '>',
  '{',
  '}',
  '[',
  ']',
  'null',
  'true',
  '1e400',
  '-1',
  '1e300',
  '9007199254740993',
  'NaN',
  '__proto__',
  'constructor',
  'toString',
  'é',
  '日本',
  '\u{1f600}',
  '\ud800',
  '\udfff',
  '\ufeff',
  '\u2028',
  '\u202e',
  'a'.repeat(300),
  'javascript:',
  'https://evil.test',
  '$oidc_hmac_key',
  '../',
] as const;

/** The lines of a file in corpus/. */
export function corpus(name: string): string[] {
  return readFileSync(new URL(`./corpus/${name}.txt`, import.meta.url), 'utf8')
    .split('\n')
    .filter(Boolean);
}

/** A text: from the corpus as it is or changed, from hostile pieces, of random characters or bytes, or huge. */
export function text(random: Random, seeds: readonly string[]): string {
  if (random.below(hugeOnceIn) === 0) return huge(random, random.pick(seeds));
  const kind = random.below(20);
  if (kind === 0) return random.pick(seeds);
  if (kind === 1) return characters(random, 80);
  if (kind === 2) return bytes(random, 120);
  if (kind === 3) return Array.from({ length: random.below(12) }, () => random.pick(pieces)).join('');
  return mutate(random, random.pick(seeds), seeds);
}

/** One to five changes of a text. */
export function mutate(random: Random, seed: string, seeds: readonly string[]): string {
  let result = seed;
  for (let changes = 1 + random.below(5); changes > 0; changes--) {
    const at = random.below(result.length + 1);
    const to = at + random.below(Math.min(20, result.length - at + 1));
    const kind = random.below(8);
    const other = random.pick(seeds);
    if (kind === 0) result = result.slice(0, at) + result.slice(to);
    else if (kind === 1) result = result.slice(0, to) + result.slice(at);
    else if (kind === 2) result = result.slice(0, at) + random.pick(pieces) + result.slice(at);
    else if (kind === 3) result = result.slice(0, at) + characters(random, 3) + result.slice(to);
    else if (kind === 4) result = result.slice(0, at) + other.slice(random.below(other.length));
    else if (kind === 5) result = result.slice(0, at) + bytes(random, 4) + result.slice(at);
    else if (kind === 6) result = result.slice(0, at);
    else
      result = `${result.slice(0, at)}${String.fromCharCode((result.charCodeAt(at) || 65) ^ (1 << random.below(7)))}${result.slice(at + 1)}`;
  }
  return result;
}

function huge(random: Random, seed: string): string {
  const unit = random.pick([seed || 'x', random.pick(pieces) || 'x', '[', '{"a":', '%41', 'a=1&', 'a=1; ', '/']);
  return unit.repeat(Math.ceil(hugeLength / unit.length));
}

function characters(random: Random, most: number): string {
  return String.fromCharCode(
    ...Array.from({ length: random.below(most) }, () => random.below(random.pick([128, 256, 65536]))),
  );
}

/** Bytes as NGINX hands them over: what is UTF-8 as such, the rest as one of the ways to read it. */
function bytes(random: Random, most: number): string {
  const raw = Buffer.from(Array.from({ length: random.below(most) }, () => random.below(256)));
  return raw.toString(random.pick(['utf8', 'latin1']));
}
