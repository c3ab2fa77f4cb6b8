// Inside the development container: builds at every change below src/ and nginx/, puts the files where NGINX reads them
// and has it reload. NGINX is process 1, which this container can see. A build that fails leaves NGINX as it is.
import { spawnSync } from 'node:child_process';
import { copyFileSync, statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const files = ['openid_connect.js', 'openid_connect_njs.js', 'openid_connect.server_conf'];
const folders = ['src', 'nginx'];

// Looked at once a second: file events do not cross into the containers of Docker Desktop.
for (let seen = await stamp(); ; await sleep(1000)) {
  const now = await stamp();
  if (now === seen) continue;
  seen = now;
  if (spawnSync('npm', ['run', '--silent', 'build'], { stdio: 'inherit' }).status !== 0) continue;
  for (const name of files) copyFileSync(join('dist', name), join('/built', name));
  process.kill(1, 'SIGHUP');
  console.log(`${new Date().toISOString()} built, NGINX reloads`);
}

/** Changes whenever a file does: names, sizes, times. */
async function stamp() {
  const parts = [];
  for (const folder of folders) {
    for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath ?? entry.path, entry.name);
      const { size, mtimeMs } = statSync(path);
      parts.push(`${path} ${size} ${mtimeMs}`);
    }
  }
  return parts.join('\n');
}
