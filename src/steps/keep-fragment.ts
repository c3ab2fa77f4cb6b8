import { sendScriptPage } from '../browser/script-page';
import { readSetting } from '../config/config';
import { variableOf } from '../nginx/variable';
import { encodeForm } from '../protocol/parameters';

/**
 * Goes to the sign-in by a page whose script remembers what no server sees: the part of the address after `#`.
 * @param login where the sign-in begins
 */
export function keepFragment(r: NginxHTTPRequest, login: string, path: string): void {
  const next = `${login}?${encodeForm([['return', path]])}`;
  const lasts = readSetting('login_timeout', variableOf(r));
  sendScriptPage(r, 401, {
    page: {
      title: 'Please sign in',
      text: 'This page is for people who are signed in.',
      actions: [{ label: 'Sign in', href: next }],
    },
    data: { step: 'page', login, next, until: String(Date.now() + lasts * 1000) },
    otherwise: next,
  });
}
