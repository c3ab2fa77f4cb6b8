import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GenericContainer, getContainerRuntimeClient, Wait } from 'testcontainers';
import { privateNetwork } from './hosts';
import type { NginxOptions } from './nginx-configuration';
import type { Launched } from './nginx-launch';

/**
 * Starts NGINX in a container of its own on the private network, with the folder mounted at /etc/nginx and the
 * temporary folder, where specs put files, at its own path. What listens at 127.0.0.1 listens at every address in there
 * and is published here, on the same port. The engine must be on this machine and this process root: signals go to the
 * container's processes as they do without a container.
 */
export async function launchContainer({ nginx, env = {} }: NginxOptions, dir: string): Promise<Launched> {
  let said = '';
  const runtime = await getContainerRuntimeClient();
  const { IPAM } = await runtime.network.getById(privateNetwork).inspect();
  const ports = prepare(dir, IPAM?.Config?.[0]?.Gateway ?? '');
  const container = await new GenericContainer(nginx.image ?? '')
    .withNetworkMode(privateNetwork)
    .withExposedPorts(...ports.map((port) => ({ container: port, host: port })))
    .withBindMounts([
      { source: dir, target: '/etc/nginx' },
      { source: tmpdir(), target: tmpdir() },
    ])
    .withEnvironment(env)
    .withEntrypoint(nginx.command)
    .withCommand(['-p', '/etc/nginx/', '-e', 'error.log', '-c', 'nginx.conf'])
    .withWaitStrategy(Wait.forAll([])) // startNginx() sees by itself whether it came up
    .withLogConsumer((stream) => {
      stream.on('data', (chunk) => {
        said += chunk;
        if (existsSync(dir)) writeFileSync(join(dir, 'stderr'), said);
      });
    })
    .start();
  writeFileSync(join(dir, 'stderr'), said);
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

/** Makes the configuration fit for a network of its own, where this machine is the gateway. Returns the ports to publish. */
function prepare(dir: string, gateway: string): number[] {
  const names = readdirSync(dir, { recursive: true, encoding: 'utf8' });
  const ports = names
    .filter((name) => name.endsWith('conf'))
    .flatMap((name) => {
      const path = join(dir, name);
      const text = readFileSync(path, 'utf8')
        .replace(/\blisten 127\.0\.0\.1:/g, 'listen ')
        .replace(/^(\s*)allow 127\.0\.0\.1;$/gm, `$1allow 127.0.0.1; allow ${gateway};`);
      writeFileSync(path, text);
      return [...text.replace(/#.*/g, '').matchAll(/\blisten (\d+)/g)].map(([, port]) => Number(port));
    });
  return [...new Set(ports)];
}
