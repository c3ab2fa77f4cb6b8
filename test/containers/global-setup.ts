import type { TestProject } from 'vitest/node';
import { describeNginx } from '../../scripts/nginx/target';
import { wantedTargets } from '../support/global-setup';
import { probeImage, targetsOfImage, wantedImages } from '../support/nginx-images';
import { startRemoteParts } from './remote-parts';

/**
 * Instead of the NGINX on this machine, those in the images of OIDC_TEST_IMAGES, with the provider and the application
 * in containers, too. Prints what the tests run on.
 * OIDC_TEST_TARGETS restricts the targets. An image that cannot be had ends the run.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const wanted = wantedTargets(process.env.OIDC_TEST_TARGETS);
  const images = await Promise.all(wantedImages().map(probeImage));
  for (const { image, version, njsVersion, engines } of images) {
    console.log(`Image ${image}: nginx ${version}, njs ${njsVersion} (${engines.join(', ')})`);
  }
  const found = images.flatMap(targetsOfImage).filter(({ target }) => wanted.includes(target));
  if (found.length === 0) throw new Error('none of the images is a target of the test matrix');
  for (const nginx of found) console.log(`Testing on ${describeNginx(nginx)}: ${nginx.source}`);
  project.provide('nginxTargets', found);
  return startRemoteParts();
}
