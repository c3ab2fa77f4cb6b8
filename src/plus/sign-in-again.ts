import type { Page } from '../browser/page';
import { encodeValue, parseParameters } from '../protocol/parameters';
import { safeReturnPath } from '../protocol/return-path';

/**
 * The way out of a session that cannot be renewed now: /logout forgets it here, without a word to the provider, and
 * goes on to `path`, where a sign-in begins.
 */
export function signInAgain(path: string): Page['actions'][number] {
  return { label: 'Sign in again', href: `/logout?sign_in=${encodeValue(path)}` };
}

/** Where such a link leads, a path of this site; undefined for any other sign-out. */
export function pathToSignInAt(args: string): string | undefined {
  const path = parseParameters(args)?.sign_in;
  return path === undefined ? undefined : safeReturnPath(path);
}
