import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { NginxImage } from '../support/nginx-images';

/** The product's image, built from the Dockerfile on top of one NGINX image. */
export interface SiteImage extends NginxImage {
  /** what it was built on: NGINX alone */
  base: string;
}

const root = fileURLToPath(new URL('../..', import.meta.url));
const demo = 'oidc-test/demo:latest';

export function nodeImage(): string {
  return process.env.OIDC_TEST_NODE_IMAGE || 'oidc-test/node:20';
}

export function valkeyImage(): string {
  return process.env.OIDC_TEST_VALKEY_IMAGE || 'oidc-test/valkey:8';
}

/** Builds the Dockerfile on an NGINX image. The build stage is the same for all and built once. */
export async function buildSiteImage(base: NginxImage): Promise<SiteImage> {
  const image = `oidc-test/site:${base.image.replace(/[^a-z0-9.]+/gi, '-')}`;
  await build(image, base.image);
  return { ...base, base: base.image, image };
}

/** Builds the image of the demo's provider and application. */
export async function buildDemoImage(nginxImage: string): Promise<string> {
  await build(demo, nginxImage, '--target', 'demo');
  return demo;
}

/** Throws an Error with the end of what the build said. */
async function build(tag: string, nginxImage: string, ...more: string[]): Promise<void> {
  const values = { NODE_IMAGE: nodeImage(), NGINX_IMAGE: nginxImage };
  const given = Object.entries(values).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]);
  const args = ['build', '-t', tag, ...given, ...more, root];
  await promisify(execFile)('docker', args, { maxBuffer: 2 ** 26 }).catch(({ stdout, stderr, message }) => {
    throw new Error(`${tag} cannot be built: ${`${stdout ?? ''}${stderr ?? message}`.slice(-2000)}`);
  });
}
