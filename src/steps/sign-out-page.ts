import { isCrossSite } from '../browser/navigation';
import { sendPage } from '../browser/respond';

/** Whether a person wants to be signed out in all browsers: `/logout?everywhere=1`. */
export function wantsEverywhere(r: NginxHTTPRequest): boolean {
  return /(?:^|&)everywhere(?:[=&]|$)/.test(r.variables.args || '');
}

/**
 * Asks before a sign-out that the person may not have wanted, and tells whether it did: one that another site caused,
 * and one everywhere that is not a POST, because any link within the site leads to that.
 * @param baseUrl scheme://host:port of this site
 */
export function askedFirst(r: NginxHTTPRequest, baseUrl: string): boolean {
  const crossSite = isCrossSite(r, baseUrl);
  if (!crossSite && (r.method === 'POST' || !wantsEverywhere(r))) {
    return false;
  }
  sendPage(r, 200, {
    title: 'Sign out?',
    text: [
      crossSite ? 'Another site sent you here.' : undefined,
      'Do you want to sign out, in this browser or everywhere?',
    ],
    actions: [
      { label: 'Sign out', href: '/logout', post: true },
      { label: 'Sign out everywhere', href: '/logout?everywhere=1', post: true },
    ],
  });
  return true;
}
