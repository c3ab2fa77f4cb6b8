// Builds stand-ins for the images that the container tests and the compose file start from, out of Debian's packages:
// for machines that reach no image registry. Needs root, debootstrap, a Docker engine and Debian's apt sources.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { machineDebianSource } from '../nginx/apt-sources';
import { type Image, images } from './images';

const here = dirname(fileURLToPath(import.meta.url));
const apt = ['-o', 'Acquire::Check-Valid-Until=false', '-o', 'Acquire::Retries=3', '-qq'];
const environment = { ...process.env, DOCKER_BUILDKIT: '0', DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8' };

/** The npm that came with this Node. Debian's own packages of both are in too many pieces to be copied. */
const npmFolder = join(dirname(realpathSync(process.execPath)), '../lib/node_modules/npm');
const machineNpm = existsSync(npmFolder) ? npmFolder : undefined;

const wanted = process.argv.slice(2).filter((argument) => argument !== '--again');
const unknown = wanted.filter((name) => !images.some((image) => image.name === name));
if (unknown.length > 0) throw new Error(`no such image: ${unknown} (there are ${images.map(({ name }) => name)})`);
for (const image of images) {
  if (wanted.length > 0 && !wanted.includes(image.name)) continue;
  if (!process.argv.includes('--again') && exists(image)) console.log(`${image.name} is there already`);
  else build(image);
}

function build(image: Image): void {
  const mirror = machineDebianSource();
  if (!mirror) throw new Error("the machine's apt sources name no Debian mirror");
  const root = mkdtempSync(join(tmpdir(), 'image-'));
  try {
    const packages = image.node && !machineNpm ? [...image.packages, 'nodejs', 'npm'] : image.packages;
    console.log(`${image.name}: Debian ${image.suite} with ${packages.join(', ')}`);
    const keyring = mirror.keyring ? [`--keyring=${mirror.keyring}`] : [];
    run('debootstrap', [...keyring, '--variant=minbase', image.suite, root, mirror.uri, script(image.suite)]);
    run('chroot', [root, 'apt-get', ...apt, 'update']);
    run('chroot', [root, 'apt-get', ...apt, '-y', '--no-install-recommends', 'install', ...packages]);
    run('chroot', [root, 'apt-get', 'clean']);
    if (image.node && machineNpm) installNode(root, machineNpm);
    if (image.node) trustAsHere(root);
    for (const path of ['var/lib/apt/lists', 'usr/share/doc', 'usr/share/man', 'usr/share/locale', 'etc/resolv.conf']) {
      rmSync(join(root, path), { recursive: true, force: true });
    }
    importRoot(root, `${image.name}-base`);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
  const label = ['--label', `ingredients=${ingredientsOf(image)}`];
  run('docker', [
    'build',
    '-q',
    '-t',
    image.name,
    ...label,
    '--build-arg',
    `BASE=${image.name}-base`,
    join(here, image.context),
  ]);
}

/** debootstrap knows a new suite by a link to the script of an old one; the link may be missing. */
function script(suite: string): string {
  const own = join('/usr/share/debootstrap/scripts', suite);
  return existsSync(own) ? own : '/usr/share/debootstrap/scripts/sid';
}

/** This machine's Node, with its npm. */
function installNode(root: string, npm: string): void {
  cpSync(realpathSync(process.execPath), join(root, 'usr/local/bin/node'));
  cpSync(npm, join(root, 'usr/local/lib/node_modules/npm'), { recursive: true, verbatimSymlinks: true });
  for (const [name, file] of Object.entries({ npm: 'npm-cli.js', npx: 'npx-cli.js' })) {
    run('chroot', [root, 'ln', '-sf', `../lib/node_modules/npm/bin/${file}`, `/usr/local/bin/${name}`]);
  }
}

/** The authorities that this machine trusts may vouch for its way to the registry. */
function trustAsHere(root: string): void {
  cpSync('/etc/ssl/certs/ca-certificates.crt', join(root, 'etc/ssl/certs/ca-certificates.crt'));
}

function importRoot(root: string, name: string): void {
  const shell = 'tar -C "$1" --one-file-system -c . | docker import - "$2" >/dev/null';
  run('bash', ['-o', 'pipefail', '-c', shell, 'import', root, name]);
}

/** Whether an image is there that is made of what it would be made of now. */
function exists(image: Image): boolean {
  const format = ['--format', '{{index .Config.Labels "ingredients"}}'];
  const { status, stdout } = spawnSync('docker', ['image', 'inspect', ...format, image.name], { encoding: 'utf8' });
  return status === 0 && stdout.trim() === ingredientsOf(image);
}

/** One word for the packages, and for all that is in the folder of the Dockerfile. */
function ingredientsOf(image: Image): string {
  const hash = createHash('sha256').update(JSON.stringify(image));
  const folder = join(here, image.context);
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
    const path = join(folder, name);
    if (statSync(path).isFile()) hash.update(name).update(readFileSync(path));
  }
  return hash.digest('hex').slice(0, 16);
}

function run(command: string, args: string[]): void {
  const { status, error, stdout, stderr } = spawnSync(command, args, { env: environment, encoding: 'utf8' });
  if (error) throw new Error(`${command}: ${error.message}`);
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}:\n${stdout.slice(-3000)}${stderr.slice(-3000)}`);
}
