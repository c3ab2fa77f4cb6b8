import { fileURLToPath } from 'node:url';
import { GenericContainer, Network, type StartedTestContainer, Wait } from 'testcontainers';
import { applicationHost, providerHost } from '../support/hosts';
import { nodeImage } from './images';

const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * A private network with a container for the provider and one for the application, where the specs start theirs.
 * Tells the test processes by OIDC_TEST_HOSTS and OIDC_TEST_NETWORK. Returns what stops it all.
 */
export async function startRemoteParts(): Promise<() => Promise<void>> {
  const network = await new Network().start();
  const started: StartedTestContainer[] = [];
  const stop = async () => {
    await Promise.all(started.map((container) => container.stop({ timeout: 1000 })));
    await network.stop();
  };
  try {
    for (const name of [providerHost, applicationHost]) {
      const container = await new GenericContainer(nodeImage())
        .withNetwork(network)
        .withNetworkAliases(name)
        .withEnvironment({ HOST: name })
        .withBindMounts([{ source: root, target: '/app', mode: 'ro' }])
        .withWorkingDir('/app')
        .withEntrypoint(['node', '--import', 'tsx', 'test/support/remote/serve.ts'])
        .withWaitStrategy(Wait.forLogMessage('Parts can be started'))
        .start();
      started.push(container);
    }
  } catch (error) {
    await stop();
    throw error;
  }
  const addresses = started.map((container) => container.getIpAddress(network.getName()));
  process.env.OIDC_TEST_HOSTS = `${providerHost}=${addresses[0]} ${applicationHost}=${addresses[1]}`;
  process.env.OIDC_TEST_NETWORK = network.getName();
  return stop;
}
