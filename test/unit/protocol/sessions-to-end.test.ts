import { expect, it } from 'vitest';
import { parseSessionsToEnd } from '../../../src/protocol/sessions-to-end';

it.each([
  ['sub=alice%40example.com', { sub: 'alice@example.com' }],
  ['sid=17', { sid: '17' }],
  ['began_before=1795600000', { begunBefore: 1795600000 }],
])('%s names %j', (form, which) => {
  expect(parseSessionsToEnd(form)).toEqual(which);
});

it.each([
  '',
  'sub=',
  'sid=',
  'sub=alice&sid=17',
  'sub=alice&sub=bob',
  'sub=%zz',
  'user=alice',
  'began_before=',
  'began_before=now',
  'began_before=-1',
  'began_before=1e9',
  'began_before=2026-11-25',
  'began_before=17956000000',
  'constructor=x',
])('%j names nothing', (form) => {
  expect(() => parseSessionsToEnd(form)).toThrow('logout_invalid');
});
