import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { atLeast } from '../../scripts/nginx/build';
import { engineDirective, freePort, freePorts, onEachTarget, startNginx, useNginx } from '../support/nginx';
import { childrenOf, waitUntil } from '../support/processes';

const script = `
function hello(r) { r.return(200, njs.version + ' ' + (ngx.shared.kept.get('key') || 'nothing')); }
function keep(r) { ngx.shared.kept.set('key', 'something'); r.return(204); }
function fail(r) { r.error('a line that nobody expects'); r.return(204); }
export default { hello, keep, fail };
`;

onEachTarget('test harness', (nginx) => {
  useNginx();
  const hasState = atLeast(nginx.njsVersion, '0.9.1');

  async function start(zoneOptions = '') {
    const port = await freePort();
    const server = await startNginx({
      nginx,
      files: { 'conf.d/app.js': script },
      http: `${engineDirective(nginx)}
        js_path conf.d; js_import app from app.js; js_shared_dict_zone zone=kept:32k ${zoneOptions};
        server {
          listen 127.0.0.1:${port};
          location / { js_content app.hello; }
          location /keep { js_content app.keep; }
          location /fail { js_content app.fail; }
        }`,
    });
    const get = async (path = '/') =>
      (await fetch(`http://127.0.0.1:${port}${path}`, { headers: { connection: 'close' } })).text();
    return { server, get };
  }

  it('serves JavaScript from a master with two workers', async () => {
    const { server, get } = await start();
    expect(await get()).toBe(`${nginx.njsVersion} nothing`);
    expect(server.workers()).toHaveLength(2);
    expect(server.accessLog()).toContain('GET / HTTP/1.1" 200');
  });

  it('keeps the shared dict and serves from new workers after a reload', async () => {
    const { server, get } = await start();
    await get('/keep');
    const before = server.workers();
    await server.reload();
    expect(await get()).toBe(`${nginx.njsVersion} something`);
    expect(server.workers().filter((pid) => before.includes(pid))).toEqual([]);
  });

  it('replaces a killed worker without an unexpected log line', async () => {
    const { server, get } = await start();
    const killed = await server.killWorker();
    expect(server.workers()).toHaveLength(2);
    expect(server.workers()).not.toContain(killed);
    expect(await get()).toContain(nginx.njsVersion);
    expect(server.errorLog()).toContain(`${killed} exited on signal 9`);
  });

  it('reports severe log lines once, unless a test expects them', async () => {
    const { server, get } = await start();
    await get('/fail');
    expect(server.unexpectedErrors()).toEqual([expect.stringContaining('a line that nobody expects')]);
    server.expectLog(/nobody expects/);
    expect(server.unexpectedErrors()).toEqual([]);
    server.acceptLog();
    await get('/fail');
    expect(server.unexpectedErrors()).toHaveLength(1);
    server.acceptLog();
  });

  it('starts again in the same folder, where the shared dict may have been saved', async () => {
    const { server, get } = await start(hasState ? 'state=kept.json' : '');
    await get('/keep');
    const { pid } = server;
    await server.stopKeepingState();
    expect(server.running).toBe(false);
    await server.start();
    expect(server.pid).not.toBe(pid);
    expect(await get()).toBe(`${nginx.njsVersion} ${hasState ? 'something' : 'nothing'}`);
  });

  it('leaves neither a process nor a folder behind', async () => {
    const { server } = await start();
    const pids = [server.pid, ...server.workers()];
    await server.stop();
    expect(pids.filter((pid) => existsSync(`/proc/${pid}`))).toEqual([]);
    expect(childrenOf(server.pid)).toEqual([]);
    expect(existsSync(server.dir)).toBe(false);
    expect(server.errorLog()).toContain('start worker processes');
  });

  it('ends NGINX and removes its folder when the process that started it is killed', async () => {
    const options = JSON.stringify({ nginx, http: '' });
    const code = `import { startNginx } from './test/support/nginx-process.ts';
      const { dir, pid } = await startNginx(${options});
      console.log(JSON.stringify({ dir, pid }));
      setInterval(() => {}, 1000);`;
    const runner = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', code]);
    const [line] = await once(runner.stdout, 'data');
    const { dir, pid } = JSON.parse(String(line)) as { dir: string; pid: number };
    const pids = [pid, ...childrenOf(pid).map((child) => child.pid)];
    expect(pids).toHaveLength(3);
    runner.kill('SIGKILL');
    await waitUntil('NGINX is gone', () => !existsSync(dir) && !pids.some((one) => existsSync(`/proc/${one}`)));
  });

  it('throws with the error log when the configuration is wrong', async () => {
    await expect(startNginx({ nginx, http: 'js_nonsense on;' })).rejects.toThrow(/unknown directive "js_nonsense"/);
  });

  it('throws when a reload is refused, and serves on', async () => {
    const { server, get } = await start();
    const workers = server.workers();
    appendFileSync(join(server.dir, 'nginx.conf'), 'nonsense;\n');
    await expect(server.reload()).rejects.toThrow(/unknown directive "nonsense"/);
    server.expectLog(/unknown directive "nonsense"/);
    expect(server.workers()).toEqual(workers);
    expect(await get()).toContain(nginx.njsVersion);
  });
});

describe('free ports', () => {
  it('are never given twice', async () => {
    const ports = await freePorts(20);
    expect(new Set(ports).size).toBe(20);
  });
});
