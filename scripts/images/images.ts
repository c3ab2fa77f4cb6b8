/** An image made of a Debian suite's packages. */
export interface Image {
  name: string;
  suite: 'trixie' | 'forky';
  packages: string[];
  /** folder of the Dockerfile that turns Debian's files into what the official image has */
  context: 'nginx' | 'node' | 'valkey';
  /** with this machine's Node in it */
  node?: true;
}

const nginx = [
  'nginx',
  'libnginx-mod-http-js',
  'libnginx-mod-stream',
  'libnginx-mod-stream-js',
  'gettext-base',
  'ca-certificates',
  'curl',
];

/** Debian 13's NGINX, the next Debian's in place of the official image, Node, and Debian's Valkey. */
export const images: Image[] = [
  { name: 'oidc-test/nginx:trixie', suite: 'trixie', packages: nginx, context: 'nginx' },
  { name: 'oidc-test/nginx:forky', suite: 'forky', packages: nginx, context: 'nginx' },
  {
    name: 'oidc-test/node:20',
    suite: 'trixie',
    packages: ['ca-certificates', 'libstdc++6', 'libatomic1'],
    context: 'node',
    node: true,
  },
  { name: 'oidc-test/valkey:8', suite: 'trixie', packages: ['valkey-server'], context: 'valkey' },
];
