import { sameOrigin } from '../protocol/origin';

/**
 * Whether a request that is not signed in is a page that a person opens, and can be sent to the provider. A request
 * that says otherwise comes from a script, which could not follow: Fetch Metadata, X-Requested-With, an Accept
 * that excludes HTML, or another method than GET.
 */
export function isPageNavigation(r: NginxHTTPRequest): boolean {
  return r.method === 'GET' && wantsPage(r);
}

/** The same for a location that takes other methods, too. */
export function wantsPage(r: NginxHTTPRequest): boolean {
  const mode = r.variables.http_sec_fetch_mode;
  const accept = r.variables.http_accept;
  return (
    (!mode || mode === 'navigate') &&
    !r.variables.http_x_requested_with &&
    !r.variables.http_upgrade &&
    (!accept || /text\/html|application\/xhtml|text\/\*|\*\/\*/i.test(accept))
  );
}

/** Whether a person sent a form: a POST that says it is a page, as every browser does. */
export function isFormPost(r: NginxHTTPRequest): boolean {
  return r.method === 'POST' && wantsPage(r) && /text\/html/i.test(r.variables.http_accept || '');
}

/**
 * Whether a page of this site itself caused this request, as far as the browser proves it: by Fetch Metadata, or by the
 * Origin where plain HTTP lacks them. A request that has neither proves nothing; Referer is not asked, because every
 * browser that lacks both is older than what the sign-in needs.
 * @param baseUrl scheme://host:port of this site
 */
export function isFromOwnPages(r: NginxHTTPRequest, baseUrl: string): boolean {
  const site = r.variables.http_sec_fetch_site;
  const origin = r.variables.http_origin;
  return site ? site === 'same-origin' : origin !== undefined && origin !== '' && sameOrigin(origin, baseUrl);
}

/**
 * Whether another site caused this request (Fetch Metadata; the Origin of a POST where a browser lacks it).
 * @param baseUrl scheme://host:port of this site
 */
export function isCrossSite(r: NginxHTTPRequest, baseUrl: string): boolean {
  const site = r.variables.http_sec_fetch_site;
  if (site) {
    return site !== 'same-origin' && site !== 'none';
  }
  const origin = r.variables.http_origin;
  return r.method !== 'GET' && origin !== undefined && origin !== '' && !sameOrigin(origin, baseUrl);
}

/** A frame of another site gets no cookie: where one comes along nevertheless, it is a link that somebody followed. */
export function isLink(r: NginxHTTPRequest): boolean {
  return r.variables.http_sec_fetch_site === 'cross-site';
}
