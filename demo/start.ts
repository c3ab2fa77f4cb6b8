// What `npm start` runs: a provider, an application, and NGINX with the shipped files between them.
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { findAnyNginx } from '../scripts/nginx/find';
import { startApplication } from './application';
import { runNginx } from './nginx';
import { checkPorts, DemoError, type Ports, portError, readOptions, usage } from './options';
import { demoClient, startProvider } from './provider';
import { siteFiles } from './site';

const host = '127.0.0.1';
const started: Array<{ stop(): Promise<void> }> = [];

let interrupted = false;

process.exit(await main());

async function main(): Promise<number> {
  const interruption = new Promise<undefined>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => {
        interrupted = true;
        resolve(undefined);
      });
    }
  });
  let starting: ReturnType<typeof start> | undefined;
  try {
    const ports = readOptions(process.argv.slice(2));
    if (ports === 'help') {
      process.stdout.write(usage);
      return 0;
    }
    starting = start(ports);
    const site = await Promise.race([starting, interruption]);
    await Promise.race([site?.ended ?? interruption, interruption]);
    if (!interrupted && site) throw new DemoError(`NGINX ended by itself:\n\n${readFileSync(site.errorLog, 'utf8')}`);
    process.stdout.write('\nStopped.\n');
    return 0;
  } catch (error) {
    if (interrupted) return 0;
    process.stderr.write(error instanceof DemoError ? `\n${error.message}\n` : `\n${(error as Error).stack}\n`);
    return 1;
  } finally {
    await Promise.race([starting?.catch(() => undefined), sleep(3000)]);
    for (const { stop } of started.reverse()) await stop();
  }
}

async function start(ports: Ports) {
  await checkPorts(ports, host);
  const nginx = await findAnyNginx().catch((error: Error) => {
    throw new DemoError(error.message);
  });
  if (interrupted) throw new DemoError('interrupted');
  const url = `http://${host}:${ports.port}`;
  const client = demoClient(url);
  const provider = await startOn(ports, 'provider-port', (port) => startProvider({ port, host, clients: [client] }));
  const application = await startOn(ports, 'app-port', (port) => startApplication({ port, host }));
  const files = siteFiles({
    nginx,
    host,
    port: ports.port,
    gatePort: ports['gate-port'],
    issuer: provider.issuer,
    application: new URL(application.url).host,
    clientId: client.client_id,
    clientSecret: client.client_secret,
  });
  const running = await runNginx(nginx, files, host, ports.port);
  started.push(running);
  if (interrupted) return running;
  process.stdout.write(`
  Open      ${url}/
  Sign in   alice / wonderland   or   bob / builder

  NGINX     ${nginx.version} with njs ${nginx.njsVersion} (${nginx.engine}), from ${nginx.source}
  Provider  ${provider.url}
  Log       ${running.errorLog}

  Ctrl-C stops everything.
`);
  return running;
}

async function startOn<T extends { stop(): Promise<void> }>(
  ports: Ports,
  option: keyof Ports,
  starter: (port: number) => Promise<T>,
): Promise<T> {
  const running = await starter(ports[option]).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'EADDRINUSE' ? portError(option, ports[option], error.code) : error;
  });
  started.push(running);
  return running;
}
