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

/**
 * What names, addresses and processes of their own could change: where NGINX finds provider and application, redirects,
 * sign-outs, zones and files. The others are the same anywhere.
 */
const inContainers = [
  'access-log',
  'certified-provider',
  'check-configuration',
  'client-authentication',
  'cognito',
  'cognito-guide',
  'front-channel-logout',
  'logout',
  'oidc-login',
  'oidc-return',
  'optional-sign-in',
  'persistence',
  'plus',
  'plus-kept-configuration',
  'provider-trouble',
  'renewal',
  'rules',
  'shared-dict',
  'sign-in',
  'sites',
];

/** Integration specs with NGINX in a container, and what only containers can show. */
export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: 'integration in containers',
          include: [...inContainers.map((name) => `test/integration/${name}.test.ts`), 'test/browser/sign-in.test.ts'],
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
