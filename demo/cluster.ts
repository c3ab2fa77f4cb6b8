// What `npm run start:cluster` runs: two nodes of one site that share their sessions in Valkey, behind a third NGINX that
// sends each request to the next one, a provider and an application.
import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { findAnyNginx } from '../scripts/nginx/find';
import type { Nginx } from '../scripts/nginx/target';
import { startApplication } from './application';
import { type StorePair, startStorePair } from './cluster-store';
import { type RunningNginx, runNginx } from './nginx';
import { checkPort, DemoError } from './options';
import { demoClient, startProvider } from './provider';
import { nodeFiles } from './site-node';
import { type Demo, untilInterrupted } from './until-interrupted';

const host = '127.0.0.1';
const nodeCount = 2;
const firstPort = 8010;
/** one for the balancer, two for the stores, provider, application, and four for each node */
const portCount = 5 + 4 * nodeCount;

const usage = `Starts a site on two machines, as it were: two NGINX that share their sessions in Valkey, and one that balances.

  npm run start:cluster -- [options]

  --port NUMBER   the first of ${portCount} ports in a row (${firstPort})
  --help          shows this text

NGINX_BINARY=/path/to/nginx chooses the NGINX. Ctrl-C stops everything.
`;

process.exit(await untilInterrupted(start));

async function start(demo: Demo): Promise<RunningNginx | undefined> {
  const first = readOptions(process.argv.slice(2));
  if (first === 'help') {
    process.stdout.write(usage);
    return undefined;
  }
  const ports = Array.from({ length: portCount }, (_, index) => first + index);
  for (const port of ports) await checkPort(port, host, 'npm run start:cluster -- --port', portCount);
  const [balancerPort = 0, primary = 0, replica = 0, providerPort = 0, applicationPort = 0, ...nodePorts] = ports;
  const nginx = await findAnyNginx().catch((error: Error) => {
    throw new DemoError(error.message);
  });
  const url = `http://${host}:${balancerPort}`;
  const client = demoClient(url);
  const provider = demo.add(await startProvider({ port: providerPort, host, clients: [client] }));
  const application = demo.add(await startApplication({ port: applicationPort, host }));
  const password = randomBytes(24).toString('hex');
  const store = demo.add(await startStorePair(host, { primary, replica }, password, tell));
  const hmacKey = randomBytes(32).toString('hex');
  const nodes: { node: RunningNginx; port: number }[] = [];
  for (let number = 0; number < nodeCount; number++) {
    const [port = 0, gatePort = 0, ...adapterPorts] = nodePorts.slice(4 * number, 4 * number + 4);
    const options = {
      nginx,
      host,
      port,
      gatePort,
      issuer: provider.issuer,
      application: new URL(application.url).host,
      clientId: client.client_id,
      clientSecret: client.client_secret,
      hmacKey,
      baseUrl: url,
      name: `node ${number + 1}`,
      store: { servers: [primary, replica].map((at) => `${host}:${at}`), ports: adapterPorts, password },
    };
    const { main, files } = nodeFiles(options);
    const node = demo.add(await runNginx(nginx, files, host, port, main));
    node.ended.then(() => tell(`${options.name} is gone`));
    nodes.push({ node, port });
  }
  const balancer = demo.add(await runNginx(nginx, balancerFiles(balancerPort, nodes), host, balancerPort));
  process.stdout.write(introduction({ nginx, url, provider: provider.url, store, nodes, balancer }));
  return balancer;
}

/** Each request goes to the next node, with no regard to whose it is; one that is gone is left out. */
function balancerFiles(port: number, nodes: { port: number }[]): Record<string, string> {
  const servers = nodes.map((node) => `    server ${host}:${node.port} max_fails=1 fail_timeout=2s;`).join('\n');
  return {
    'conf.d/frontend.conf': `upstream nodes {\n${servers}\n}
server {
    listen ${host}:${port};
    location / {
        proxy_pass http://nodes;
        proxy_set_header Host $http_host;
        proxy_connect_timeout 1s;
        proxy_next_upstream error timeout;
    }
}
`,
  };
}

function introduction(parts: {
  nginx: Nginx;
  url: string;
  provider: string;
  store: StorePair;
  nodes: { node: RunningNginx; port: number }[];
  balancer: RunningNginx;
}): string {
  const { nginx, store } = parts;
  const nodes = parts.nodes.map(
    ({ node, port }, index) =>
      `  Node ${index + 1}    http://${host}:${port}   log ${node.errorLog}   its end: kill -9 -${node.pid}`,
  );
  return `
  Open      ${parts.url}/   each page says which node served it
  Sign in   alice / wonderland   or   bob / builder

${nodes.join('\n')}
  Store     Valkey ${store.version} on port ${store.primary.port}, its replica on ${store.replica.port}   its end: kill -9 ${store.primary.pid}

  NGINX     ${nginx.version} with njs ${nginx.njsVersion} (${nginx.engine}), from ${nginx.source}
  Provider  ${parts.provider}

  End a node, or the store, and go on: you stay signed in. Ctrl-C stops everything.
`;
}

function tell(text: string): void {
  process.stdout.write(`  ${new Date().toTimeString().slice(0, 8)}  ${text}\n`);
}

function readOptions(args: string[]): number | 'help' {
  let values: { port?: string; help?: boolean };
  try {
    values = parseArgs({ args, options: { port: { type: 'string' }, help: { type: 'boolean', short: 'h' } } }).values;
  } catch (error) {
    throw new DemoError(`${(error as Error).message}\n\n${usage}`);
  }
  if (values.help) return 'help';
  const port = values.port === undefined ? firstPort : Number(values.port);
  if (!Number.isInteger(port) || port < 1 || port > 65536 - portCount) {
    throw new DemoError(`--port must be a number from 1 to ${65536 - portCount}`);
  }
  return port;
}
