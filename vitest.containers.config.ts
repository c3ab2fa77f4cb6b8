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

/** Specs that look at NGINX's processes, or whose provider and tests reach NGINX at 127.0.0.1. */
const ownAddresses = [
  'authorization-request',
  'back-channel-logout',
  'certified-fapi2',
  'client-keys',
  'gate',
  'gate-cost',
  'harness',
  'open-requests',
];
/** Specs that start a store on 127.0.0.1, where NGINX in a container does not reach it; compose files have theirs. */
const ownStores = ['many-machines', 'shared-store', 'shared-store-trouble', 'start-cluster', 'store-trouble'];

/** The integration specs with NGINX in a container, and what only containers can show. */
export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: 'integration in containers',
          include: ['test/integration/**/*.test.ts', 'test/browser/**/*.test.ts'],
          exclude: [...ownAddresses, ...ownStores].map((name) => `test/integration/${name}.test.ts`),
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
