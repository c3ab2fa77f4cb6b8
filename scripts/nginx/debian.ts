import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Suite } from './apt-download';
import { type Build, probeBuild } from './build';
import { commandIn, unpackedPackages } from './unpacked';

const cache = fileURLToPath(new URL('../../.cache/nginx', import.meta.url));
const modules = 'usr/lib/nginx/modules';

/**
 * Debian's own NGINX of a suite, unpacked below `.cache/nginx/<suite>` (unpackedPackages).
 * Throws an Error that says why it cannot be done here.
 */
export async function debianBuild(suite: Suite): Promise<Build> {
  const root = join(cache, suite);
  const paths = (folder: string, architecture: string) => ({
    command: commandIn(folder, architecture, 'usr/sbin/nginx'),
    modulePath: join(folder, modules, 'ngx_http_js_module.so'),
  });
  const { architecture, build } = await unpackedPackages({
    root,
    suite,
    packages: ['nginx', 'libnginx-mod-http-js', 'libnginx-mod-stream-js'],
    isComplete: (folder) => existsSync(join(folder, modules, 'ngx_stream_js_module.so')),
    probe: async (folder, ofMachine) => {
      const { command, modulePath } = paths(folder, ofMachine);
      const { version, njsVersion, engines } = await probeBuild(command, modulePath, suite);
      return { version, njsVersion, engines };
    },
  });
  return { ...paths(root, architecture), ...build, source: `Debian ${suite} packages in ${root}` };
}
