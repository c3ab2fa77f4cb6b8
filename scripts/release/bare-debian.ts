// Makes a bare Debian 13 in a folder, with NGINX's packages fetched but not installed, so that no network is needed after it.
import { spawnSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { machineDebianSource } from '../nginx/apt-sources';

const [root = ''] = process.argv.slice(2);
const mirror = machineDebianSource();
if (!mirror) fail("the machine's apt sources name no Debian mirror");
const keyring = mirror.keyring ? [`--keyring=${mirror.keyring}`] : [];
run('debootstrap', [...keyring, '--variant=minbase', '--include=procps', 'trixie', root, mirror.uri]);
const apt = ['apt-get', '-q', '-o', 'Acquire::Check-Valid-Until=false', '-o', 'Acquire::Retries=3'];
run('chroot', [root, ...apt, 'update']);
const packages = ['nginx', 'libnginx-mod-http-js', 'ca-certificates'];
run('chroot', [root, ...apt, 'install', '-y', '--no-install-recommends', '--download-only', ...packages]);

// It lives for minutes: nothing need be on the disk for sure.
writeFileSync(join(root, 'etc/dpkg/dpkg.cfg.d/unsafe-io'), 'force-unsafe-io\n');

// No service starts by itself; one that runs may be told to reload.
const policy = join(root, 'usr/sbin/policy-rc.d');
writeFileSync(policy, '#!/bin/sh\n[ "$2" = reload ] || exit 101\n');
chmodSync(policy, 0o755);

function run(command: string, args: string[]): void {
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8' };
  const { status, error } = spawnSync(command, args, { stdio: 'inherit', env: environment });
  if (status !== 0) fail(`${command} ${error?.message ?? `ended with ${status}`}`);
}

function fail(reason: string): never {
  console.error(reason);
  process.exit(1);
}
