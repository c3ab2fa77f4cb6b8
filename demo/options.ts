import { createServer } from 'node:net';
import { parseArgs } from 'node:util';

/** An Error whose message is meant for the person at the terminal, without a stack. */
export class DemoError extends Error {}

export interface Ports {
  /** NGINX */
  port: number;
  /** NGINX's gate, which only NGINX asks */
  'gate-port': number;
  'provider-port': number;
  'app-port': number;
}

const defaults: Ports = { port: 8010, 'gate-port': 8019, 'provider-port': 9010, 'app-port': 9011 };

export const usage = `Starts the demo: NGINX with this project's files, an OpenID provider and an application.

  npm start -- [options]

  --port NUMBER            of the site, NGINX           (${defaults.port})
  --gate-port NUMBER       of its gate, for NGINX alone (${defaults['gate-port']})
  --provider-port NUMBER   of the OpenID provider       (${defaults['provider-port']})
  --app-port NUMBER        of the application           (${defaults['app-port']})
  --help                   shows this text

NGINX_BINARY=/path/to/nginx chooses the NGINX. Ctrl-C stops everything.
`;

/** Reads the command line; 'help' when it asks for help. Throws DemoError. */
export function readOptions(args: string[]): Ports | 'help' {
  const text = { type: 'string' } as const;
  const options = {
    port: text,
    'gate-port': text,
    'provider-port': text,
    'app-port': text,
    help: { type: 'boolean', short: 'h' },
  } as const;
  let values: ReturnType<typeof parseArgs<{ options: typeof options }>>['values'];
  try {
    values = parseArgs({ args, options }).values;
  } catch (error) {
    throw new DemoError(`${(error as Error).message}\n\n${usage}`);
  }
  if (values.help) return 'help';
  const ports = { ...defaults };
  for (const name of Object.keys(ports) as Array<keyof Ports>) {
    const given = values[name];
    if (given === undefined) continue;
    ports[name] = /^\d{1,5}$/.test(given) ? Number(given) : 0;
    if (ports[name] < 1 || ports[name] > 65535) throw new DemoError(`--${name} must be a number from 1 to 65535`);
  }
  if (new Set(Object.values(ports)).size < 4) throw new DemoError('the four ports must differ');
  return ports;
}

/** Throws a DemoError that names the first port that cannot be had, and the option that changes it. */
export async function checkPorts(ports: Ports, host: string): Promise<void> {
  for (const [name, port] of Object.entries(ports)) {
    const code = await listenError(port, host);
    if (code) throw portError(name, port, code);
  }
}

/** Throws a DemoError where the port cannot be had. `command` names the option that moves this port and those beside it. */
export async function checkPort(port: number, host: string, command: string, width: number): Promise<void> {
  const code = await listenError(port, host);
  if (code) throw new DemoError(`Port ${port} ${reason(code)}. Choose others: ${command} ${port + width}`);
}

function reason(code: string): string {
  return code === 'EADDRINUSE' ? 'is busy' : `cannot be used (${code})`;
}

export function portError(option: string, port: number, code: string): DemoError {
  return new DemoError(
    `Port ${port} ${reason(code)}. Choose another one: npm start -- --${option} ${Math.min(port + 100, 65535)}`,
  );
}

function listenError(port: number, host: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen(port, host, () => server.close(() => resolve(undefined)));
  });
}
