import { defineConfig } from 'vitest/config';

/** The Debian package in a bare Debian, which scripts/release/test-deb.sh makes. */
export default defineConfig({
  test: { name: 'deb', include: ['test/deb/**/*.test.ts'], testTimeout: 120_000, hookTimeout: 180_000, bail: 1 },
});
