import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { storeNames } from '../../scripts/stores/find';
import { onEachTarget, useNginx } from '../support/nginx';
import { type RunningStore, type StoreOptions, startStore } from '../support/store-server';
import { startStoreSite } from '../support/store-site';

/** What the stream module and the proxy say when the store is away. */
const awayLog = /upstream|recv\(\) failed|connect\(\) failed|timed out|no live upstreams|prematurely closed/;

onEachTarget('a store in trouble', (nginx) => {
  describe.each(storeNames)('%s', (name) => {
    useNginx();
    const started: RunningStore[] = [];
    const store = async (options?: StoreOptions) => {
      const server = await startStore(name, options);
      started.push(server);
      return server;
    };
    afterAll(async () => {
      await Promise.all(started.map((server) => server.stop()));
    });
    const failsWith = (code: string, work: Promise<unknown>) => expect(work).rejects.toMatchObject({ code });

    it('that is killed, and comes back with what it had acknowledged', async () => {
      const server = await store();
      const site = await startStoreSite(nginx, [server.port]);
      site.nginx.expectLog(awayLog);
      const version = await site.store.write('key', 'value', 60, 0);
      await server.kill();
      const began = Date.now();
      await failsWith('store_unreachable', site.store.read('key'));
      expect(Date.now() - began).toBeLessThan(2500);
      await server.start();
      expect(await site.store.read('key')).toEqual({ version, value: 'value' });
    });

    it('that is frozen holds nobody longer than a second, and its late answers reach nobody', async () => {
      const server = await store();
      const site = await startStoreSite(nginx, [server.port], { workers: 1 });
      site.nginx.expectLog(awayLog);
      await site.store.write('one', 'of one', 60, 0);
      await site.store.write('other', 'of the other', 60, 0);
      server.freeze();
      const began = Date.now();
      const asked = Array.from({ length: 10 }, () => failsWith('store_unreachable', site.store.read('one')));
      await Promise.all(asked);
      expect(Date.now() - began).toBeLessThan(3500);
      server.thaw();
      const reads = Array.from({ length: 40 }, () => site.store.read('other'));
      for (const found of await Promise.all(reads)) expect(found).toMatchObject({ value: 'of the other' });
    });

    it('that wants another password', async () => {
      const server = await store({ password: 'the right one' });
      const site = await startStoreSite(nginx, [server.port], { account: { 'Store-Password': 'a wrong one' } });
      await failsWith('store_refused', site.store.read('key'));
      const none = await startStoreSite(nginx, [server.port]);
      await failsWith('store_refused', none.store.read('key'));
      expect(site.nginx.errorLog() + none.nginx.errorLog()).not.toMatch(/the right one|a wrong one/);
    });

    it('lets in a user with a password, into one database, for the commands that are needed and no more', async () => {
      const commands =
        '+get +getrange +set +del +exists +pexpire +zadd +zrem +zremrangebyscore +zremrangebyrank +zrange +zrangebyscore +xadd +xrange +xinfo|stream +time +ping +select +info +dbsize +eval +evalsha';
      const acl = `user site on >a-password ~oidc:* resetchannels -@all ${commands}`.split(' ');
      const server = await store({ config: [['user', ...acl.slice(1)]], password: 'of the default user' });
      const account = { 'Store-User': 'site', 'Store-Password': 'a-password', 'Store-Database': '3' };
      const site = await startStoreSite(nginx, [server.port], { account });
      const version = await site.store.write('key', 'value', 60, 0);
      expect(await site.store.read('key')).toEqual({ version, value: 'value' });
      expect(await site.store.prolong('key', 60)).toBe(true);
      expect(await site.store.add('added', 'x', 60)).toBe(true);
      expect(await site.store.lock('lock', 'me', 60)).toBe(true);
      expect(await site.store.isLocked('lock')).toBe(true);
      await site.store.unlock('lock', 'me');
      await site.store.link('index', 'member', 60, 5);
      expect(await site.store.members('index')).toEqual(['member']);
      await site.store.unlink('index', 'member');
      const { cursor } = await site.store.changes('');
      await site.store.end(['key'], 60);
      expect(await site.store.changes(cursor)).toMatchObject({ ended: ['key'], lost: false });
      expect(await site.store.status()).toMatchObject({ role: 'master' });
      expect(await server.command('DBSIZE')).toBe('0');
      const elsewhere = await startStoreSite(nginx, [server.port], {
        account: { ...account, 'Store-Prefix': 'other:' },
      });
      await failsWith('store_refused', elsewhere.store.read('key'));
      const nowhere = await startStoreSite(nginx, [server.port], { account: { ...account, 'Store-Database': '99' } });
      await failsWith('store_refused', nowhere.store.read('key'));
    });

    it('that is full takes nothing new, but gives, and ends sessions', async () => {
      const server = await store();
      const site = await startStoreSite(nginx, [server.port]);
      await site.store.write('key', 'x'.repeat(10_000), 60, 0);
      await site.store.read('key');
      await server.command('CONFIG', 'SET', 'maxmemory', '1kb');
      await failsWith('store_full', site.store.write('new', 'value', 60, 0));
      await failsWith('store_full', site.store.add('new', 'value', 60));
      await failsWith('store_full', site.store.lock('lock', 'me', 60));
      expect(await site.store.read('key')).toMatchObject({ value: 'x'.repeat(10_000) });
      expect(await site.store.prolong('key', 60)).toBe(true);
      await site.store.end(['key'], 60);
      expect(await site.store.read('key')).toBe('ended');
    });

    it('that lost its scripts gets them again', async () => {
      const server = await store();
      const site = await startStoreSite(nginx, [server.port]);
      await site.store.lock('lock', 'me', 60);
      await server.command('SCRIPT', 'FLUSH');
      expect(await site.store.lock('lock', 'you', 60)).toBe(false);
      await site.store.unlock('lock', 'me');
      expect(await site.store.isLocked('lock')).toBe(false);
    });

    it('that was flushed says that changes were lost', async () => {
      const server = await store();
      const site = await startStoreSite(nginx, [server.port]);
      const first = await site.store.changes('');
      await server.command('FLUSHALL');
      const lost = await site.store.changes(first.cursor);
      expect(lost).toMatchObject({ lost: true, ended: [] });
      await site.store.end(['key'], 60);
      const then = await site.store.changes((await site.store.changes('')).cursor);
      expect(then).toMatchObject({ lost: false, ended: [] });
      await server.command('FLUSHALL');
      await site.store.end(['other'], 60);
      await site.store.end(['another'], 60);
      expect(await site.store.changes(then.cursor)).toMatchObject({ lost: true });
    });

    it('whose feed was cut says that changes were lost', async () => {
      const server = await store();
      const site = await startStoreSite(nginx, [server.port]);
      const { cursor } = await site.store.changes('');
      for (const key of ['a', 'b', 'c']) await site.store.end([key], 60);
      await server.command('XTRIM', 'oidc:#feed', 'MAXLEN', '1');
      const lost = await site.store.changes(cursor);
      expect(lost).toMatchObject({ lost: true });
      await site.store.end(['d'], 60);
      expect(await site.store.changes(lost.cursor)).toMatchObject({ lost: false, ended: ['d'] });
    });

    it('that became a replica is not believed any more, not even for reading', async () => {
      const [primary, server] = [await store(), await store()];
      const site = await startStoreSite(nginx, [server.port]);
      await site.store.write('key', 'value', 60, 0);
      await server.command('REPLICAOF', '127.0.0.1', String(primary.port));
      await sleep(1100);
      await failsWith('store_unreachable', site.store.read('key'));
      await failsWith('store_unreachable', site.store.version('key'));
    });

    it('of two servers the one that is the primary is asked, whichever it is', async () => {
      const primary = await store();
      const replica = await store({ replicaOf: primary.port });
      const site = await startStoreSite(nginx, [replica.port, primary.port]);
      site.nginx.expectLog(awayLog);
      let version = (await site.store.write('key', 'value', 60, 0)) as number;
      for (let round = 0; round < 10; round++) {
        version = (await site.store.write('key', `value ${round}`, 60, version)) as number;
        expect(version).toBeGreaterThan(0);
      }
      await expect
        .poll(async () => String(await replica.command('GET', 'oidc:key')), { timeout: 10_000 })
        .toMatch(/value 9$/);
      await primary.kill();
      await failsWith('store_unreachable', site.store.write('key', 'late', 60, version));
      await replica.command('REPLICAOF', 'NO', 'ONE');
      await expect
        .poll(() => site.store.read('key').catch(() => undefined), { timeout: 5000 })
        .toEqual({ version, value: 'value 9' });
      // The other worker may still hold both servers for dead, for a second.
      await expect
        .poll(() => site.store.write('key', 'on the new primary', 60, version).catch(() => 0), { timeout: 5000 })
        .toBeGreaterThan(version);
    });

    it('that is still loading is out of reach until it is done', async () => {
      const server = await store();
      const site = await startStoreSite(nginx, [server.port]);
      site.nginx.expectLog(awayLog);
      for (let n = 0; n < 60; n++) await site.store.write(`key-${n}`, 'x'.repeat(2000), 600, 0);
      await server.command('BGREWRITEAOF');
      await expect
        .poll(async () => String(await server.command('INFO', 'persistence')), { timeout: 10_000 })
        .toMatch(/aof_rewrite_in_progress:0[\s\S]*aof_last_bgrewrite_status:ok/);
      await server.kill();
      const slow: StoreOptions['config'] = [
        ['key-load-delay', '50000'],
        ['loading-process-events-interval-bytes', '1024'],
      ];
      await server.start(slow, false);
      await failsWith('store_unreachable', site.store.read('key-1'));
      await expect
        .poll(() => site.store.read('key-1').catch(() => undefined), { timeout: 20_000 })
        .toMatchObject({ value: 'x'.repeat(2000) });
    });

    it('shows another tenant nothing, and is not changed by it', async () => {
      const server = await store();
      const one = await startStoreSite(nginx, [server.port], { account: { 'Store-Prefix': 'one:' } });
      const other = await startStoreSite(nginx, [server.port], { account: { 'Store-Prefix': 'other:' } });
      const version = await one.store.write('key', 'value', 60, 0);
      const { cursor } = await one.store.changes('');
      expect(await other.store.read('key')).toBeUndefined();
      expect(await other.store.lock('lock', 'other', 60)).toBe(true);
      await other.store.end(['key'], 60);
      expect(await one.store.read('key')).toEqual({ version, value: 'value' });
      expect(await one.store.isLocked('lock')).toBe(false);
      expect(await one.store.changes(cursor)).toMatchObject({ ended: [], lost: false });
    });

    it('that is a node of a cluster is of use with a prefix in braces', async () => {
      const server = await store({ config: [['cluster-enabled', 'yes']] });
      await server.command('CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
      await expect
        .poll(async () => String(await server.command('CLUSTER', 'INFO')), { timeout: 15_000 })
        .toMatch(/cluster_state:ok/);
      const site = await startStoreSite(nginx, [server.port], { account: { 'Store-Prefix': '{oidc}:' } });
      await site.store.lock('lock', 'me', 60);
      expect(await site.store.write('key', 'value', 60, 0, { key: 'lock', owner: 'me' })).toBeGreaterThan(0);
      await site.store.end(['key', 'other'], 60);
      const without = await startStoreSite(nginx, [server.port]);
      await failsWith('store_refused', without.store.end(['key', 'other'], 60));
    });

    it('is reached by an address in a variable', async () => {
      const server = await store();
      const stream = `resolver 127.0.0.1; set $oidc_store_server "127.0.0.1:${server.port}";`;
      const site = await startStoreSite(nginx, ['$oidc_store_server'], { stream });
      const version = await site.store.write('key', 'value', 60, 0);
      expect(await site.store.read('key')).toEqual({ version, value: 'value' });
    });

    it('is reached by a unix socket', async () => {
      const server = await store({ config: [['unixsocket', 'redis.sock']] });
      const site = await startStoreSite(nginx, [`unix:${join(server.dir, 'redis.sock')}`]);
      const version = await site.store.write('key', 'value', 60, 0);
      expect(await site.store.read('key')).toEqual({ version, value: 'value' });
    });

    it('is reached by TLS, its name verified, with a certificate of the client', async () => {
      const server = await store();
      const { ca, key, pem } = await certificates(server.dir);
      const port = server.port + 1;
      const tls: [string, ...string[]][] = [
        ['tls-port', String(port)],
        ['tls-cert-file', pem],
        ['tls-key-file', key],
        ['tls-ca-cert-file', ca],
        ['tls-auth-clients', 'yes'],
      ];
      await server.kill();
      await server.start(tls);
      const stream = (host: string) =>
        `proxy_ssl on; proxy_ssl_verify on; proxy_ssl_server_name on; proxy_ssl_name ${host};
         proxy_ssl_trusted_certificate ${ca}; proxy_ssl_certificate ${pem}; proxy_ssl_certificate_key ${key};`;
      const site = await startStoreSite(nginx, [port], { stream: stream('redis.test') });
      const version = await site.store.write('key', 'value', 60, 0);
      expect(await site.store.read('key')).toEqual({ version, value: 'value' });
      const wrong = await startStoreSite(nginx, [port], { stream: stream('evil.test') });
      wrong.nginx.expectLog(/does not match|upstream/);
      await failsWith('store_unreachable', wrong.store.read('key'));
    });
  });
});

/** A certificate for redis.test that signs itself. */
async function certificates(dir: string): Promise<{ ca: string; key: string; pem: string }> {
  const [key, pem] = [join(dir, 'key.pem'), join(dir, 'cert.pem')];
  const subject = ['-subj', '/CN=redis.test', '-addext', 'subjectAltName=DNS:redis.test'];
  const args = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
  await promisify(execFile)('openssl', [...args, '-keyout', key, '-out', pem, ...subject]);
  return { ca: pem, key, pem };
}
