import { expect, it } from 'vitest';
import { type DryRunReport, openReport, sealReport } from '../../../src/session/dry-run-report';
import { sealPosted } from '../../../src/session/posted-response';

const key = 'a-key-for-tests-only-0123456789abcdef';
const origin = 'https://app.test';
const report: DryRunReport = { made: 1000, steps: [{ title: 'One', facts: [['a', 'b']] }] };

it('opens at the site that sealed it, for five minutes', async () => {
  const sealed = await sealReport(report, origin, key);
  expect(sealed).toMatch(/^[\w-]+$/);
  expect(await openReport(sealed, origin, key, 1300)).toEqual(report);
  expect(await openReport(sealed, origin, key, 1301)).toBeUndefined();
});

it('opens under no other key, at no other site, and is nothing else that was sealed here', async () => {
  const sealed = await sealReport(report, origin, key);
  expect(await openReport(sealed, origin, `${key}x`, 1000)).toBeUndefined();
  expect(await openReport(sealed, 'https://other.test', key, 1000)).toBeUndefined();
  const posted = await sealPosted(JSON.stringify(report), origin, key);
  expect(await openReport(String(posted), origin, key, 1000)).toBeUndefined();
});
