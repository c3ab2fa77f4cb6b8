/** A pattern taken apart. */
export type Tree =
  | { kind: 'character'; matches: (character: number) => boolean }
  | { kind: 'sequence'; parts: Tree[] }
  | { kind: 'choice'; parts: Tree[] }
  | { kind: 'repetition'; part: Tree; least: number; most: number | undefined };

type Matcher = (character: number) => boolean;

const mostRepetitions = 100;
const deepest = 20;
const code = (character: string) => character.charCodeAt(0);
const between = (first: string, last: string): Matcher => {
  const [from, to] = [code(first), code(last)];
  return (character) => character >= from && character <= to;
};
const either =
  (matchers: Matcher[]): Matcher =>
  (character) =>
    matchers.some((matches) => matches(character));
const not =
  (matches: Matcher): Matcher =>
  (character) =>
    !matches(character);
const digit = between('0', '9');
const word = either([digit, between('a', 'z'), between('A', 'Z'), (character) => character === code('_')]);
const blank: Matcher = (character) => character === 32 || (character >= 9 && character <= 13);
const classes: Record<string, Matcher> = { d: digit, w: word, s: blank, D: not(digit), W: not(word), S: not(blank) };

/**
 * The usual syntax: `.` `[a-z]` `[^a-z]` `\d` `\w` `\s` `(a|b)` `(?:a)` `*` `+` `?` `{2}` `{2,}` `{2,5}`; `^` at the
 * beginning and `$` at the end change nothing.
 * @throws an Error whose message says what cannot be read
 */
export function parsePattern(source: string): Tree {
  const text = source.replace(/^\^/, '').replace(/([^\\]|^)\$$/, '$1');
  let at = 0;
  const peek = () => text.charAt(at);
  const fail = (what: string): never => {
    throw new Error(`${what} (at "${text.slice(at, at + 10)}")`);
  };

  function choice(depth: number): Tree {
    if (depth > deepest) {
      fail('is nested too deeply');
    }
    const parts = [sequence(depth)];
    while (peek() === '|') {
      at++;
      parts.push(sequence(depth));
    }
    return parts.length === 1 ? (parts[0] as Tree) : { kind: 'choice', parts };
  }

  function sequence(depth: number): Tree {
    const parts: Tree[] = [];
    while (at < text.length && peek() !== '|' && peek() !== ')') {
      parts.push(repeated(atom(depth)));
    }
    return { kind: 'sequence', parts };
  }

  function atom(depth: number): Tree {
    const character = peek();
    if (character === '(') {
      return group(depth);
    }
    if (character === '[') {
      return { kind: 'character', matches: bracket() };
    }
    if (character === '\\') {
      return { kind: 'character', matches: escaped() };
    }
    if (/[*+?{^$]/.test(character)) {
      fail(/[\^$]/.test(character) ? 'has an anchor within it; it matches the whole text anyway' : 'repeats nothing');
    }
    const point = literal();
    return { kind: 'character', matches: character === '.' ? () => true : (one) => one === point };
  }

  function group(depth: number): Tree {
    at++;
    if (peek() === '?') {
      if (text.slice(at, at + 2) !== '?:') {
        fail('has a group that is not supported');
      }
      at += 2;
    }
    const inner = choice(depth + 1);
    if (peek() !== ')') {
      fail('lacks a ")"');
    }
    at++;
    return inner;
  }

  /** One character, whole also where the engine counts it as two. */
  function literal(): number {
    const point = text.codePointAt(at) as number;
    at += String.fromCodePoint(point).length;
    return point;
  }

  function escaped(): Matcher {
    at++;
    const character = peek();
    const known = Object.prototype.hasOwnProperty.call(classes, character) ? classes[character] : undefined;
    if (known) {
      at++;
      return known;
    }
    if (!/^[^A-Za-z0-9]$/.test(character)) {
      fail('has an escape that is not supported');
    }
    const point = literal();
    return (one) => one === point;
  }

  function bracket(): Matcher {
    at++;
    const isNegated = peek() === '^';
    at += isNegated ? 1 : 0;
    const matchers: Matcher[] = [];
    while (peek() !== ']') {
      if (at >= text.length) {
        fail('lacks a "]"');
      }
      matchers.push(bracketPart());
    }
    at++;
    if (matchers.length === 0) {
      fail('has an empty "[]"');
    }
    return isNegated ? not(either(matchers)) : either(matchers);
  }

  function bracketPart(): Matcher {
    if (peek() === '\\' && /^[dwsDWS]/.test(text.slice(at + 1))) {
      return escaped();
    }
    const first = bracketCharacter();
    if (peek() !== '-' || text.charAt(at + 1) === ']') {
      return (one) => one === first;
    }
    at++;
    const last = bracketCharacter();
    if (last < first) {
      fail('has a range that ends before it begins');
    }
    return (one) => one >= first && one <= last;
  }

  function bracketCharacter(): number {
    if (at >= text.length) {
      fail('lacks a "]"');
    }
    if (peek() === '\\') {
      at++;
      if (!/^[^A-Za-z0-9]/.test(text.slice(at))) {
        fail('has an escape that is not supported');
      }
    }
    return literal();
  }

  function repeated(part: Tree): Tree {
    const found = /^(?:[*+?]|\{(\d{1,3})(,(\d{1,3})?)?\})/.exec(text.slice(at));
    if (!found) {
      return peek() === '{' ? fail('has a "{" that is no repetition: write "\\{"') : part;
    }
    at += found[0].length;
    const [sign, count, comma, limit] = found;
    const least = count === undefined ? (sign === '+' ? 1 : 0) : Number(count);
    const most = sign === '?' ? 1 : count === undefined || (comma && !limit) ? undefined : Number(limit || count);
    if (least > mostRepetitions || (most !== undefined && (most > mostRepetitions || most < least))) {
      fail(`repeats more than ${mostRepetitions} times, or fewer than it should`);
    }
    if (/^[*+?{]/.test(text.slice(at))) {
      fail('repeats a repetition: use a group');
    }
    return { kind: 'repetition', part, least, most };
  }

  const tree = choice(0);
  return at < text.length ? fail('has a ")" too many') : tree;
}
