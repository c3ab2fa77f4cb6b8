import { randomBytes } from 'node:crypto';
import { type Load, median, run } from './load';
import { type BenchSite, signedInCookie } from './site';

/** Worker CPU of one request, µs. */
export interface Cost {
  name: string;
  cpu: number;
}

const random = () => randomBytes(32).toString('base64url');

/** Requests that are no good, beside one that is. */
export async function measureForged(site: BenchSite, repeats: number, duration: number): Promise<Cost[]> {
  const script = { 'Sec-Fetch-Mode': 'cors' };
  const loads: [string, Load][] = [
    ['signed in', { url: '/', headers: { Cookie: await signedInCookie(site) }, duration }],
    [
      'forged session cookie',
      { url: '/', headers: { ...script, Cookie: `auth_token=${random()}` }, duration, errorsWanted: true },
    ],
    ['forged callback', { url: `/_codexch?code=${random()}&state=${random()}`, duration, errorsWanted: true }],
    [
      'forged callback with a forged login cookie',
      {
        url: `/_codexch?code=x&state=${'s'.repeat(43)}`,
        headers: { Cookie: `oidc_login_${'s'.repeat(16)}=${Date.now().toString(36)}.${random()}${random()}` },
        duration,
        errorsWanted: true,
      },
    ],
    ['sign-out without a session', { url: '/logout', duration }],
    ['sign-out that another site caused', { url: '/logout', headers: { 'Sec-Fetch-Site': 'cross-site' }, duration }],
    ['front-channel frame of nobody', { url: `/front_channel_logout?sid=${random()}`, duration }],
  ];
  const costs = loads.map(() => [] as number[]);
  for (let repeat = 0; repeat < repeats; repeat++) {
    for (const [index, [, load]] of loads.entries()) {
      costs[index]?.push((await run({ ...load, url: site.url + load.url }, site.worker)).cpu);
    }
  }
  return loads.map(([name], index) => ({ name, cpu: median(costs[index] ?? []) }));
}
