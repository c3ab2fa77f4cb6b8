import { describe, expect, it } from 'vitest';
import { denialOf, parseRule } from '../../../src/protocol/rule';

function allows(rule: string, claims: Record<string, unknown>): boolean {
  const parsed = parseRule(rule);
  if ('problem' in parsed) throw new Error(`${parsed.problem} at ${parsed.at}`);
  return denialOf(parsed, claims) === undefined;
}

const claims = {
  sub: 'alice',
  email: 'alice@example.com',
  email_verified: true,
  groups: ['staff', 'Domain Admins', 'a,b', 'says "hi"', "it's", 'Füße', 'CN=x;OU=y', 'staff '],
  single: 'admins',
  level: 3,
  level_text: '4',
  nothing: null,
  none: [],
  'cognito:groups': ['eu'],
  'https://example.com/roles': ['editor'],
  realm_access: { roles: ['manager'], 'my.app': { roles: ['auditor'] } },
  numbers: [1, 2.5],
  big: 2 ** 53,
  mixed: ['a', { b: 1 }],
  'two words': 'x',
};

describe('a rule', () => {
  it.each([
    ['sub is alice', true],
    ['sub is Alice', false],
    ['sub is ali', false],
    ['email_verified is true', true],
    ['email_verified is "true"', false],
    ['email_verified is false', false],
    ['level is 3', true],
    ['level is "3"', false],
    ['level is 3.0', false],
    ['level_text is 4', true],
    ['groups is staff', false],
    ['nothing is null', false],
    ['absent is undefined', false],
    ['realm_access is [object', false],

    ['groups any admins editors staff', true],
    ['groups any admins editors', false],
    ['single any admins', true],
    ['absent any undefined', false],
    ['none any ""', false],
    ['numbers any 2.5', true],
    ['mixed any a', true],
    ['mixed any "[object Object]"', false],

    ['groups all staff "Domain Admins"', true],
    ['groups all staff admins', false],
    ['absent all staff', false],

    ['groups none admins editors', true],
    ['groups none admins staff', false],
    ['single none admins', false],
    ['none none admins', true],
    ['absent none admins', false],
    ['nothing none admins', false],
    ['mixed none b', false],
    ['realm_access none x', false],

    ['groups any "a,b"', true],
    ['groups any a', false],
    ['groups any b', false],
    ['groups any "a" "b"', false],
    ['groups any "staff,Domain Admins"', false],
    ['groups any "Domain Admins"', true],
    ['groups any Domain', false],
    ['groups any \'says "hi"\'', true],
    ['groups any "says \\"hi\\""', true],
    ['groups any "it\'s"', true],
    ["groups any 'it\\'s'", true],
    ['groups any Füße', true],
    ['groups any Fusse', false],
    ['groups any "CN=x;OU=y"', true],
    ['groups any "staff "', true],
    ['single any "admins "', false],

    ['cognito:groups any eu', true],
    ['https://example.com/roles any editor', true],
    ['realm_access.roles any manager', true],
    ['realm_access.my.app.roles any auditor', true],
    ['realm_access.roles.length is 1', false],
    ['__proto__ exists', false],
    ['constructor exists', false],
    ['sub.length exists', false],
    ['"two words" is x', true],

    ['email exists', true],
    ['nothing exists', false],
    ['absent exists', false],
    ['none exists', true],
    ['absent missing', true],
    ['nothing missing', true],
    ['email missing', false],

    ['email matches .+@example\\.com', true],
    ['email matches ".+@example\\.com"', true],
    ['email matches example', false],
    ['email matches alice', false],
    ['groups matches "CN=.*"', true],
    ['level matches \\d', false],

    ['level >= 3', true],
    ['level > 3', false],
    ['level <= 3', true],
    ['level < 3.5', true],
    ['level < -1', false],
    ['level_text > 3', true],
    ['sub > 0', false],
    ['absent < 5', false],
    ['numbers > 0', false],
    ['big is 9007199254740992', false],
    ['big > 1', false],
    ['big none 1', false],

    ['groups any staff; email_verified is true', true],
    ['groups any staff; email_verified is false', false],
    ['groups any admins; email_verified is true', false],
    ['groups any admins or sub is alice', true],
    ['groups any admins or sub is bob', false],
    ['groups any admins or sub is alice; level > 5', false],
    ['sub is alice; groups any admins or level > 2;', true],
    ['groups any "or"', false],
    ['groups any staff\n  or single is admins;\n\temail exists', true],
  ])('%s: %s', (rule, expected) => {
    expect(allows(rule, claims)).toBe(expected);
  });

  it.each<[string, string, number]>([
    ['', 'nothing in it', 1],
    ['   ', 'nothing in it', 1],
    [';', 'nothing before it', 1],
    ['sub is a;; sub is b', 'nothing before it', 10],
    ['sub', 'stands one of', 1],
    ['groups contains admins', 'stands one of', 8],
    ['groups "any" admins', 'stands one of', 8],
    ['groups any', 'takes a value', 8],
    ['sub is', 'takes one value', 5],
    ['sub is a b', 'takes one value', 10],
    ['sub is a, b', 'takes one value', 11],
    ['sub exists yes', 'takes no value', 12],
    ['level > high', 'no decimal number', 9],
    ['level > 1e3', 'no decimal number', 9],
    ['email matches "(a"', 'lacks a ")"', 15],
    ['groups any "a', 'quote without an end', 12],
    ['groups any a"b"', 'within a word', 13],
    ['groups any "a"b', 'within a word', 15],
    ['or sub is a', 'nothing to test', 1],
    ['sub is a or', 'nothing to test', 1],
    ['sub is a or or sub is b', 'nothing to test', 1],
    ['toString toString', 'stands one of', 10],
    ['sub is \u0000', 'control characters', 1],
    ['sub is \ufffd', 'UTF-8', 1],
    ['sub is\u00a0a', 'a blank that is none', 7],
    ['sub is a;'.repeat(101), 'more than 100 tests', 1],
    ['a'.repeat(8001), 'longer than 8000', 8000],
  ])('cannot be read: %j', (rule, problem, at) => {
    expect(parseRule(rule)).toEqual({ problem: expect.stringContaining(problem), at });
  });

  it('that denies names the statement and its claims, and none of their values', () => {
    const rule = parseRule('sub is alice; groups any admins or absent is "x y"; level > 100');
    expect('problem' in rule ? rule : denialOf(rule, claims)).toEqual({
      statement: 'groups any admins or absent is "x y"',
      claims: [
        { name: 'groups', isThere: true },
        { name: 'absent', isThere: false },
      ],
    });
  });
});
