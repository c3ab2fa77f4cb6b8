// location = /_logout: back from the provider's end-session endpoint, or signed out here only.

import { anotherWay, sendPage } from '../browser/respond';

/** Says so. What the provider puts into the query, such as a `state`, changes nothing. */
export function loggedOut(r: NginxHTTPRequest): void {
  sendPage(r, 200, {
    title: 'Signed out',
    text: ['You are signed out of this site.'],
    actions: [{ label: 'Sign in again', href: '/' }, ...anotherWay(r, '/')],
  });
}
