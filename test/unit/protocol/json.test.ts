import { describe, expect, it } from 'vitest';
import { parseJsonObject, stringMember, stringsMember } from '../../../src/protocol/json';

describe('a JSON object', () => {
  it.each(['', 'null', '[]', '7', '"x"', 'true', '{', '{"a":1}}', '\ufeff{}', '{a:1}', "{'a':1}"])(
    'is not %j',
    (text) => {
      expect(parseJsonObject(text)).toBeUndefined();
    },
  );

  it('keeps the last of two members of one name, as every JSON parser here does', () => {
    expect(parseJsonObject('{"a":1,"a":2}')).toEqual({ a: 2 });
  });

  it('has only the members that it says, also of odd names', () => {
    const object = parseJsonObject('{"__proto__":{"sub":"root"}}') ?? {};
    expect(stringMember(object, 'sub')).toBeUndefined();
    expect(stringMember(object, 'toString')).toBeUndefined();
    expect(stringMember({ a: 'x', b: '', c: 7 }, 'a')).toBe('x');
    expect(stringMember({ a: 'x', b: '', c: 7 }, 'b')).toBeUndefined();
    expect(stringMember({ a: 'x', b: '', c: 7 }, 'c')).toBeUndefined();
    expect(stringsMember({ a: ['x', 'y'] }, 'a')).toEqual(['x', 'y']);
    expect(stringsMember({ a: ['x', 7] }, 'a')).toBeUndefined();
    expect(stringsMember({ a: 'x' }, 'a')).toBeUndefined();
  });
});
