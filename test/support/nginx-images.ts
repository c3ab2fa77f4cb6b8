import { GenericContainer } from 'testcontainers';
import { targetsOf } from '../../scripts/nginx/build';
import type { Engine, Nginx } from '../../scripts/nginx/target';

/** An image, and the NGINX that was found in it. */
export interface NginxImage {
  image: string;
  version: string;
  njsVersion: string;
  engines: Engine[];
}

const modulePath = '/usr/lib/nginx/modules/ngx_http_js_module.so';
const defaults = 'oidc-test/nginx:trixie oidc-test/nginx:forky';

/** The images to test, from OIDC_TEST_IMAGES, such as `nginx:stable nginx:mainline`; by default those of scripts/images. */
export function wantedImages(): string[] {
  return (process.env.OIDC_TEST_IMAGES || defaults).split(/[\s,]+/).filter(Boolean);
}

/** Starts NGINX inside the image for a moment and asks for its versions, with each engine. Throws an Error with what it said. */
export async function probeImage(image: string): Promise<NginxImage> {
  const container = await new GenericContainer(image)
    .withEntrypoint(['sleep', '60'])
    .withNetworkMode('none')
    .start()
    .catch((error: Error) => {
      throw new Error(`image ${image}: ${error.message} (scripts/images/build.ts builds stand-ins)`);
    });
  try {
    const found = await Promise.all(
      (['njs', 'qjs'] as const).map(async (engine, index) => {
        const { output } = await container.exec(['bash', '-c', probe(engine, 8081 + index)]);
        const [, version = '', njsVersion = ''] = /^versions (\S+) (\S+)$/m.exec(output) ?? [];
        return { engine, version, njsVersion, output };
      }),
    );
    const working = found.filter(({ version }) => version !== '');
    const [first] = working;
    if (!first) throw new Error(`NGINX with its JavaScript module does not start in ${image}:\n${found[0]?.output}`);
    const { version, njsVersion } = first;
    return { image, version, njsVersion, engines: working.map(({ engine }) => engine) };
  } finally {
    await container.stop({ timeout: 0 });
  }
}

/** What an image stands for in the test matrix: one entry for each target. */
export function targetsOfImage({ image, version, njsVersion, engines }: NginxImage): Nginx[] {
  return targetsOf({ version, njsVersion, engines }).map((target) => ({
    target,
    command: ['nginx'],
    modulePath,
    engine: target === 'C' ? 'qjs' : 'njs',
    version,
    njsVersion,
    source: `image ${image}`,
    image,
  }));
}

function probe(engine: Engine, port: number): string {
  const js = 'export default { version: () => njs.version };';
  const conf = `load_module ${modulePath}; pid /tmp/${engine}.pid; error_log stderr; events {}
    http { js_engine ${engine}; js_path /tmp; js_import probe from ${engine}.js; js_set $njs probe.version; access_log off;
           server { listen 127.0.0.1:${port}; return 200 "versions $nginx_version $njs\\n"; } }`;
  return `echo '${js}' >/tmp/${engine}.js && echo '${conf}' >/tmp/${engine}.conf && nginx -c /tmp/${engine}.conf &&
    exec 3<>/dev/tcp/127.0.0.1/${port} && printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&3 && cat <&3`;
}
