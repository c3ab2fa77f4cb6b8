import { existsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GenericContainer, getContainerRuntimeClient } from 'testcontainers';
import type { NginxOptions } from './nginx-configuration';
import type { Launched } from './nginx-launch';

/**
 * Starts NGINX in a container of its own on the machine's network, with the folder mounted at /etc/nginx and
 * the temporary folder, where specs put files, at its own path. The engine must be on this machine and this process root: signals go to the container's processes as they do without a container.
 */
export async function launchContainer({ nginx, env = {} }: NginxOptions, dir: string): Promise<Launched> {
  let said = '';
  const container = await new GenericContainer(nginx.image ?? '')
    .withNetworkMode('host')
    .withBindMounts([
      { source: dir, target: '/etc/nginx' },
      { source: tmpdir(), target: tmpdir() },
    ])
    .withEnvironment(env)
    .withEntrypoint(nginx.command)
    .withCommand(['-p', '/etc/nginx/', '-e', 'error.log', '-c', 'nginx.conf'])
    .withLogConsumer((stream) => {
      stream.on('data', (chunk) => {
        said += chunk;
        if (existsSync(dir)) writeFileSync(join(dir, 'stderr'), said);
      });
    })
    .start();
  writeFileSync(join(dir, 'stderr'), said);
  const runtime = await getContainerRuntimeClient();
  const { State } = await runtime.container.inspect(runtime.container.getById(container.getId()));
  const pid = State.Pid || undefined;
  const isRunning = () => pid !== undefined && existsSync(`/proc/${pid}/stat`);
  return {
    pid,
    isRunning,
    signal: (signal) => {
      if (pid !== undefined && isRunning()) process.kill(pid, signal);
    },
    remove: async () => {
      await container.stop({ timeout: 1000, remove: true });
    },
  };
}
