import { expect, it } from 'vitest';
import { describeTally, tally } from '../../support/tally';

it('counts each thing once: failed before passed before todo', () => {
  const counted = tally(
    ['U1', 'U2', 'U3', 'U4', 'U5'],
    [
      { about: 'U1', state: 'passed' },
      { about: 'U1', state: 'todo' },
      { about: 'U2', state: 'passed' },
      { about: 'U2', state: 'failed' },
      { about: 'U3', state: 'todo' },
      { about: 'U4', state: 'skipped' },
      { about: 'U9', state: 'passed' },
    ],
  );
  expect(counted).toEqual({ of: 5, green: 1, failed: ['U2'], todo: ['U3'], missing: ['U4', 'U5'] });
  expect(describeTally(counted)).toBe('1 of 5 green, 1 failed: U2, 1 todo: U3, 2 not run: U4 U5');
});

it('says only the number of what is much', () => {
  const many = Array.from({ length: 61 }, (_, i) => `A${i}`);
  expect(describeTally(tally(many, [{ about: 'A0', state: 'passed' }]))).toBe('1 of 61 green, 60 not run');
});
