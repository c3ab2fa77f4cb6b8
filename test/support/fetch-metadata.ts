export type FetchSite = 'none' | 'same-origin' | 'same-site' | 'cross-site';

/** Whether the hosts differ; ports and schemes do not count, and every host here is a site of its own. */
export function isCrossSite(from: string | undefined, url: string): boolean {
  return from !== undefined && new URL(from).hostname !== new URL(url).hostname;
}

/** Sec-Fetch-Site of a request to `url` that the page `from` makes; 'none' when a person typed the address. */
export function fetchSite(from: string | undefined, url: string): FetchSite {
  if (from === undefined) return 'none';
  if (isCrossSite(from, url)) return 'cross-site';
  return new URL(from).origin === new URL(url).origin ? 'same-origin' : 'same-site';
}

export function navigationHeaders(site: FetchSite): Record<string, string> {
  return {
    accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8',
    'sec-fetch-site': site,
    'sec-fetch-mode': 'navigate',
    'sec-fetch-dest': 'document',
  };
}

export function scriptHeaders(site: FetchSite): Record<string, string> {
  return { accept: '*/*', 'sec-fetch-site': site, 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' };
}
