import { describe, expect, it } from 'vitest';
import { command, takeReply } from '../../../src/stream/resp';

describe('a command', () => {
  it('has the number of its parts and the length of each, whatever is in them', () => {
    expect(command(['GET', 'key'])).toBe('*2\r\n$3\r\nGET\r\n$3\r\nkey\r\n');
    expect(command(['GET', '\r\n$4\r\nQUIT'])).toBe('*2\r\n$3\r\nGET\r\n$10\r\n\r\n$4\r\nQUIT\r\n');
    expect(command(['PING', ''])).toBe('*2\r\n$4\r\nPING\r\n$0\r\n\r\n');
  });
});

describe('an answer', () => {
  it.each([
    ['+OK\r\n', '+', 'OK'],
    ['-ERR what\r\n', '-', 'ERR what'],
    [':12\r\n', ':', '12'],
    [':-1\r\n', ':', '-1'],
    ['$5\r\nhello\r\n', '$', 'hello'],
    ['$0\r\n\r\n', '$', ''],
    ['$4\r\n\r\n\r\n\r\n', '$', '\r\n\r\n'],
    ['$-1\r\n', '_', ''],
  ])('%j is taken whole, at the end of its bytes, and never before', (data, kind, text) => {
    expect(takeReply(`${data}more`, 0, 100)).toEqual({ kind, text, end: data.length });
    expect(takeReply(`xyz${data}`, 3, 100)).toEqual({ kind, text, end: data.length + 3 });
    for (let cut = 0; cut < data.length; cut++) expect(takeReply(data.slice(0, cut), 0, 100)).toBeUndefined();
  });

  it.each([
    ['a list', '*2\r\n$1\r\na\r\n$1\r\nb\r\n'],
    ['an empty list', '*0\r\n'],
    ['a list without an end', '*1\r\n*1\r\n*1\r\n'],
    ['a kind of a later protocol', '_\r\n'],
    ['a page', 'HTTP/1.1 200 OK\r\n'],
    ['a text of a gigabyte', '$1073741824\r\nx'],
    ['a text longer than the limit', '$101\r\nx'],
    ['a negative length', '$-2\r\n'],
    ['a length with zeros in front', '$05\r\nhello\r\n'],
    ['a length with a sign', '$+5\r\nhello\r\n'],
    ['a length in another base', '$0x5\r\nhello\r\n'],
    ['a length with a fraction', '$5.0\r\nhello\r\n'],
    ['no length', '$\r\nhello\r\n'],
    ['a length that is too short', '$4\r\nhello\r\n'],
    ['a length that is too long', '$5\r\nhell\r\n+OK\r\n'],
    ['no number', ':\r\n'],
    ['a number that is none', ':1e3\r\n'],
    ['a number out of range', ':99999999999999999\r\n'],
    ['a line break in a line', '+a\nb\r\n'],
    ['a line without an end', `+${'x'.repeat(600)}`],
    ['a stray byte before its line ends', 'x'],
  ])('is broken: %s', (_what, data) => {
    expect(takeReply(data, 0, 100)).toBe('broken');
  });
});
