import { defineConfig } from 'vitest/config';

/** The long runs against the parsers, kept out of `npm test`. OIDC_FUZZ_SEED repeats a run, OIDC_FUZZ_CASES sizes it. */
export default defineConfig({
  test: {
    maxWorkers: 2,
    include: ['test/fuzz/**/*.fuzz.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    testTimeout: 300_000,
    hookTimeout: 60_000,
  },
});
