import type { TestProject } from 'vitest/node';
import { probeImage, wantedImages } from '../support/nginx-images';
import { buildDemoImage, buildSiteImage, type SiteImage } from './images';

declare module 'vitest' {
  export interface ProvidedContext {
    siteImages: SiteImage[];
    demoImage: string;
  }
}

/** Builds the product's image on each of OIDC_TEST_IMAGES and the demo's image, once, and hands them to the tests. */
export default async function setup(project: TestProject): Promise<void> {
  const siteImages: SiteImage[] = [];
  for (const image of wantedImages()) siteImages.push(await buildSiteImage(await probeImage(image)));
  for (const { base, version, njsVersion, engines } of siteImages) {
    console.log(`Dockerfile built on ${base}: nginx ${version}, njs ${njsVersion} (${engines.join(', ')})`);
  }
  project.provide('siteImages', siteImages);
  project.provide('demoImage', await buildDemoImage(wantedImages()[0] ?? ''));
}
