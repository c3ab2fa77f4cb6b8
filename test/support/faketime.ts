import { existsSync, readdirSync } from 'node:fs';

/** Debian's libfaketime, which gives NGINX another clock than its provider and this process have; undefined without it. */
export const faketime = readdirSync('/usr/lib')
  .map((folder) => `/usr/lib/${folder}/faketime/libfaketime.so.1`)
  .find((path) => existsSync(path));

/** The environment of an NGINX whose clock is off by so many seconds; none where libfaketime is not here. */
export function clockOff(seconds: number): Record<string, string> {
  return faketime
    ? { LD_PRELOAD: faketime, FAKETIME: `${seconds < 0 ? '' : '+'}${seconds}s`, FAKETIME_DONT_FAKE_MONOTONIC: '1' }
    : {};
}
