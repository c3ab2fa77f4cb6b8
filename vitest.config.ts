import { defineConfig } from 'vitest/config';

const integration = {
  globalSetup: ['test/support/global-setup.ts'],
  testTimeout: 30_000,
  hookTimeout: 60_000,
};

export default defineConfig({
  test: {
    maxWorkers: 2,
    reporters: [
      './test/support/summary-reporter.ts',
      'default',
      ...(process.env.GITHUB_ACTIONS === 'true' ? ['github-actions'] : []),
    ],
    projects: [
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts'], testTimeout: 30_000 } },
      { test: { name: 'integration', include: ['test/integration/**/*.test.ts'], ...integration } },
      { test: { name: 'security', include: ['test/security/**/*.test.ts'], ...integration } },
      { test: { name: 'conformance', include: ['test/conformance/**/*.test.ts'], ...integration } },
      { test: { name: 'history', include: ['test/history/**/*.test.ts'], ...integration, testTimeout: 180_000 } },
      { test: { name: 'soak', include: ['test/soak/**/*.test.ts'], ...integration, testTimeout: 360_000 } },
      { test: { name: 'browser', include: ['test/browser/**/*.test.ts'], ...integration } },
    ],
  },
});
