import { getContainerRuntimeClient } from 'testcontainers';
import { describe, expect, inject, it } from 'vitest';
import { atLeast } from '../../scripts/nginx/build';
import { createAgent, signIn } from '../support/agent';
import { freePorts } from '../support/free-port';
import { SiteContainer, siteEnvironment, startApplicationPart, startNetwork, startProviderPart } from './parts';

const images = inject('siteImages').filter(({ njsVersion }) => atLeast(njsVersion, '0.9.1'));

describe.each(images)('sessions on a volume, $base', (image) => {
  it('outlive NGINX: stopped and started, and a new container on the same volume', async () => {
    const [port = 0, providerPort = 0] = await freePorts(2);
    const volume = `oidc-test-sessions-${port}`;
    const on = await startNetwork();
    const agent = createAgent();
    try {
      const { issuer } = await startProviderPart(on, providerPort, [`http://site.test:${port}`]);
      await startApplicationPart(on);
      const environment = { ...siteEnvironment(image, issuer, port), OIDC_STATE_PATH: '/var/lib/oidc/sessions.json' };
      const start = () =>
        new SiteContainer(on, image.image, environment, [port])
          .withBindMounts([{ source: volume, target: '/var/lib/oidc' }])
          .startOn(on);
      const status = async () => (await agent.xhr(`http://site.test:${port}/api/whoami`)).status;
      const site = await start();
      await signIn(agent, `http://site.test:${port}/`);
      expect(await status()).toBe(200);

      await site.restart({ timeout: 10_000 });
      await expect.poll(status).toBe(200);

      await site.stop({ timeout: 10_000 });
      on.started.splice(on.started.indexOf(site), 1);
      await start();
      expect(await status()).toBe(200);
    } finally {
      await agent.close();
      await on.stop();
      await (await getContainerRuntimeClient()).container.dockerode
        .getVolume(volume)
        .remove()
        .catch(() => undefined);
    }
  });
});
