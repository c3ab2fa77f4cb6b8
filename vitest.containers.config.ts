import { spawnSync } from 'node:child_process';
import { defineConfig } from 'vitest/config';

process.env.TESTCONTAINERS_RYUK_DISABLED ??= 'true'; // its reaper is one more image to pull
// a docker command of today without buildx, as Debian may have it, can only build in the old way
process.env.DOCKER_BUILDKIT ??= spawnSync('docker', ['buildx', 'version']).status === 0 ? '1' : '0';
process.env.COMPOSE_DOCKER_CLI_BUILD ??= process.env.DOCKER_BUILDKIT;

const containers = {
  globalSetup: ['test/containers/global-setup.ts'],
  testTimeout: 60_000,
  hookTimeout: 180_000,
};

/** The integration specs with NGINX in a container, and what only containers can show. */
export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: 'integration in containers',
          include: ['test/integration/**/*.test.ts', 'test/browser/**/*.test.ts'],
          exclude: [
            'authorization-request',
            'back-channel-logout',
            'certified-fapi2',
            'client-keys',
            'gate',
            'gate-cost',
            'harness',
            'open-requests',
          ].map((name) => `test/integration/${name}.test.ts`),
          ...containers,
        },
      },
      {
        test: {
          name: 'containers',
          include: ['test/containers/**/*.test.ts'],
          ...containers,
          globalSetup: ['test/containers/build-images.ts'],
        },
      },
    ],
  },
});
