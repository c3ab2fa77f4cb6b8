// Everything that pages say, in English, which is the key of a translation (nginx/openid_connect.texts/). Only types of it
// are in the bundle; errors have their texts in protocol/errors.ts.

import type { ErrorText, Note } from '../protocol/errors';

export const pageTexts = [
  'Sign in',
  'With which of these?',
  '(last used)',
  'Or by your e-mail address at work',
  'Your e-mail address at work',
  'Continue',
  'Nobody signs in here with an address at {domain}.',
  'This is not an e-mail address: name@example.com',
  'Please sign in',
  'This page is for people who are signed in.',
  'Sign in again',
  'Sign in another way',
  'Sign in as somebody else',
  'Try again',
  'Go to the site',
  'Sign out?',
  'Another site sent you here.',
  'Do you want to sign out, in this browser or everywhere?',
  'Sign out',
  'Sign out everywhere',
  'Signed out',
  'You are signed out of this site.',
  'This takes JavaScript',
  'What you were about to do was kept by a script, and scripts do not run in this browser.',
  'Keeping it for you takes JavaScript, which does not run in this browser.',
  'Forms are not kept on this site.',
  'It came from another site.',
  'It is of a kind that cannot be kept.',
  'Its address cannot be kept.',
  'It is larger than {bytes} bytes, with its files.',
  'The provider says: {answer}',
  'What came back says: {answer}',
  'The reference of the last error is {reference}.',
  'Each sign-in succeeded, but the browser did not keep the session. Are cookies blocked for this site?',
  'Reference: {reference}',
  'Cause: {cause}',
  'Need help?',
] as const;

/** Of return-script.ts. */
export const scriptTexts = [
  'One moment',
  'One moment.',
  'Sign in',
  'Go to the site',
  'You are signed in',
  'You are signed in as {name}',
  'You can close this window.',
  'You are not signed in',
  'Please sign in again.',
  'Your session has ended. Your form is kept in this tab while you sign in.',
  'Your form for {path} has not been sent yet. Send it now?',
  'Your form for {path} has not been sent yet. Send it now as {name}?',
  'Send it',
  'Delete it',
  'It is deleted now.',
  'Sending your form',
  'The site did not answer.',
  'The site could not take your form right now.',
  'Your form is still kept.',
  'Your form was not sent',
  'It was sent before, in this tab or another one.',
  'It was kept for too long. Please fill it in again.',
  'Somebody else signed in after it was filled in. It is deleted now.',
  'There is none here: it was sent or deleted before, was kept for too long, or is in another tab.',
  'Your session had ended, and this browser has no room to keep the form. Go back: most browsers still show what you typed. Copy it, sign in, and send it again.',
] as const;

export type PageText = (typeof pageTexts)[number] | ErrorText;

/** What an error adds to its page. */
export function note(text: PageText, values?: Record<string, string>): Note {
  return values === undefined ? { text } : { text, values };
}
