// What `npm start` runs: a provider, an application, and NGINX with the shipped files between them.
import { findAnyNginx } from '../scripts/nginx/find';
import { startApplication } from './application';
import { type RunningNginx, runNginx } from './nginx';
import { checkPorts, DemoError, type Ports, portError, readOptions, usage } from './options';
import { demoClient, startProvider } from './provider';
import { siteFiles } from './site';
import { type Demo, untilInterrupted } from './until-interrupted';

const host = '127.0.0.1';

process.exit(await untilInterrupted(start));

async function start(demo: Demo): Promise<RunningNginx | undefined> {
  const ports = readOptions(process.argv.slice(2));
  if (ports === 'help') {
    process.stdout.write(usage);
    return undefined;
  }
  await checkPorts(ports, host);
  const nginx = await findAnyNginx().catch((error: Error) => {
    throw new DemoError(error.message);
  });
  const url = `http://${host}:${ports.port}`;
  const client = demoClient(url);
  const provider = await startOn(demo, ports, 'provider-port', (port) =>
    startProvider({ port, host, clients: [client] }),
  );
  const application = await startOn(demo, ports, 'app-port', (port) => startApplication({ port, host }));
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
  const running = demo.add(await runNginx(nginx, files, host, ports.port));
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
  demo: Demo,
  ports: Ports,
  option: keyof Ports,
  starter: (port: number) => Promise<T>,
): Promise<T> {
  const running = await starter(ports[option]).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'EADDRINUSE' ? portError(option, ports[option], error.code) : error;
  });
  return demo.add(running);
}
