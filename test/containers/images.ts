import { fileURLToPath } from 'node:url';
import { GenericContainer } from 'testcontainers';
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

/** Builds the Dockerfile on an NGINX image. The build stage is the same for all and built once. */
export async function buildSiteImage(base: NginxImage): Promise<SiteImage> {
  const image = `oidc-test/site:${base.image.replace(/[^a-z0-9.]+/gi, '-')}`;
  await dockerfile(base.image).build(image, { deleteOnExit: false });
  return { ...base, base: base.image, image };
}

/** Builds the image of the demo's provider and application. */
export async function buildDemoImage(nginxImage: string): Promise<string> {
  await dockerfile(nginxImage).withTarget('demo').build(demo, { deleteOnExit: false });
  return demo;
}

function dockerfile(nginxImage: string) {
  return GenericContainer.fromDockerfile(root).withBuildArgs({ NODE_IMAGE: nodeImage(), NGINX_IMAGE: nginxImage });
}
