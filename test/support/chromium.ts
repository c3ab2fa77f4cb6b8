import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';
import { hosts } from './hosts';

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Chromium's path: $CHROMIUM, or where packages put it; undefined when there is none. */
export function chromiumPath(): string | undefined {
  return [process.env.CHROMIUM ?? '', ...places].find((path) => path !== '' && existsSync(path));
}

/** Chromium without a window, kept from calling home. */
export function launchChromium(executablePath: string): Promise<Browser> {
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--disable-features=HttpsUpgrades',
      `--host-resolver-rules=${Object.entries(hosts).map(([name, address]) => `MAP ${name} ${address}`)}`,
    ],
  });
}
