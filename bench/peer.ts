import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAgent } from '../test/support/agent';
import { freePort } from '../test/support/free-port';
import type { MisbehavingProvider } from '../test/support/misbehaving-provider';
import { childrenOf, waitUntil } from '../test/support/processes';
import { loadCore, median, pin, type Run, run, workerCore } from './load';

/** Apache with mod_auth_openidc, against its own server without authentication. */
export interface Peer {
  name: string;
  rows: { connections: number; base: number; added: number; ratio: number }[];
}

const apache = '/usr/sbin/apache2';
const modules = '/usr/lib/apache2/modules';

/** The peer beside us, or why there is none. */
export async function measurePeer(
  provider: MisbehavingProvider,
  backend: string,
  counts: number[],
  repeats: number,
  duration: number,
): Promise<Peer | string> {
  if (!existsSync(apache) || !existsSync(join(modules, 'mod_auth_openidc.so'))) {
    return 'no peer: apt-get install apache2-bin libapache2-mod-auth-openidc';
  }
  const folder = mkdtempSync(join(tmpdir(), 'apache-'));
  const port = await freePort();
  writeFileSync(join(folder, 'httpd.conf'), configuration(folder, port, provider, backend));
  const server = spawn(apache, ['-f', join(folder, 'httpd.conf'), '-DFOREGROUND'], { stdio: 'inherit' });
  const agent = createAgent();
  const url = `http://127.0.0.1:${port}`;
  try {
    await waitUntil('Apache starts', () => existsSync(join(folder, 'pid')) && childrenOf(server.pid ?? 0).length > 0);
    await new Promise((resolve) => setTimeout(resolve, 500));
    pin(server.pid ?? 0, loadCore);
    const [worker] = childrenOf(server.pid ?? 0).map(({ pid }) => pid);
    if (worker === undefined) throw new Error('Apache has no child');
    pin(worker, workerCore);
    const page = await agent.navigate(`${url}/`);
    if (page.status !== 200) throw new Error(`cannot sign in at Apache: ${page.status} at ${page.url}`);
    const headers = { Cookie: (await agent.cookies(url)).map((cookie) => cookie.cookieString()).join('; ') };
    const rounds = counts.map(() => [] as { base: Run; gate: Run }[]);
    for (let repeat = 0; repeat < repeats; repeat++) {
      for (const [index, connections] of counts.entries()) {
        const load = { duration, connections, headers };
        rounds[index]?.push({
          base: await run({ ...load, url: `${url}/open` }, worker),
          gate: await run({ ...load, url: `${url}/` }, worker),
        });
      }
    }
    return {
      name: `${version(['-v'], /Apache\/\S+/)}, mod_auth_openidc ${debianVersion()}`,
      rows: counts.map((connections, index) => {
        const of = (figure: (round: { base: Run; gate: Run }) => number) => median((rounds[index] ?? []).map(figure));
        return {
          connections,
          base: of(({ base }) => base.cpu),
          added: of(({ base, gate }) => gate.cpu - base.cpu),
          ratio: of(({ base, gate }) => gate.requestsPerSecond / base.requestsPerSecond),
        };
      }),
    };
  } finally {
    await agent.close();
    server.kill('SIGTERM');
    await new Promise((resolve) => server.once('exit', resolve));
    rmSync(folder, { recursive: true, force: true });
  }
}

/** One child on one core, as NGINX has one worker; the same claims as headers, no cookie of the module passed on. */
function configuration(folder: string, port: number, provider: MisbehavingProvider, backend: string): string {
  const load = [
    'mpm_event',
    'authn_core',
    'authz_core',
    'authz_user',
    'proxy',
    'proxy_http',
    'auth_openidc',
    'headers',
  ];
  const { id, secret } = provider.client;
  return `ServerRoot ${folder}
ServerName 127.0.0.1
Listen 127.0.0.1:${port}
PidFile ${folder}/pid
ErrorLog ${folder}/error.log
${process.getuid?.() === 0 ? 'User www-data\nGroup www-data' : ''}
${load.map((name) => `LoadModule ${name}_module ${modules}/mod_${name}.so`).join('\n')}
StartServers 1
ServerLimit 1
ThreadsPerChild 64
MaxRequestWorkers 64
KeepAlive On
MaxKeepAliveRequests 0
OIDCProviderMetadataURL ${provider.issuer}/.well-known/openid-configuration
OIDCSSLValidateServer Off
OIDCClientID ${id}
OIDCClientSecret ${secret}
OIDCRedirectURI http://127.0.0.1:${port}/_codexch
OIDCCryptoPassphrase ${secret}
OIDCScope "openid profile email"
OIDCRemoteUserClaim sub
OIDCPassClaimsAs headers
ProxyPass / http://${backend}/ keepalive=On
<Location />
  AuthType openid-connect
  Require valid-user
</Location>
<Location /open>
  AuthType None
  Require all granted
</Location>
`;
}

function version(args: string[], pattern: RegExp): string {
  return pattern.exec(execFileSync(apache, args, { encoding: 'utf8' }))?.[0] ?? 'Apache';
}

function debianVersion(): string {
  try {
    return execFileSync('dpkg-query', ['-W', '-f', `\${Version}`, 'libapache2-mod-auth-openidc'], { encoding: 'utf8' });
  } catch {
    return '';
  }
}
