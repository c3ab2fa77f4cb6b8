import { printable } from './text';

/** What an error of each code means to HTTP and to the person in front of the page; the texts in English. */
export interface ErrorMeaning {
  readonly status: number;
  readonly title: string;
  readonly text: string;
  /** Whether `operatorText` follows. */
  readonly operator?: true;
}

export const operatorText = 'The people who run this site find the cause in its log, under the reference below.';

function withTitle<const Title extends string>(title: Title) {
  return <const Text extends string>(text: Text) => ({ title, text, operator: true }) as const;
}
const unavailable = withTitle('Signing in is not possible right now');
const refused = withTitle('The sign-in was refused');
const refusedToken = withTitle('The request was refused');
const away = {
  title: 'Signing in is not possible right now',
  text: 'This site cannot look up sessions at the moment. Please try again in a minute.',
} as const;

/** Every error code, which is stable: log searches and tests rely on it. */
export const errorTable = {
  config_invalid: { status: 500, ...unavailable('This site is not set up correctly.') },
  discovery_failed: { status: 502, ...unavailable('The sign-in service did not answer as expected.') },
  discovery_invalid: {
    status: 502,
    ...unavailable('The sign-in service describes itself in a way that cannot be right.'),
  },
  jwks_failed: { status: 502, ...unavailable('The keys of the sign-in service could not be fetched.') },
  jwks_invalid: { status: 502, ...unavailable('The keys of the sign-in service could not be read.') },
  provider_timeout: { status: 504, ...unavailable('The sign-in service takes too long to answer.') },
  provider_unreachable: { status: 502, ...unavailable('The sign-in service could not be reached.') },
  callback_invalid: { status: 400, ...refused('What came back from the sign-in service is incomplete.') },
  response_invalid: { status: 403, ...refused('The answer of the sign-in service did not hold.') },
  login_expired: {
    status: 400,
    title: 'Please sign in again',
    text: 'This sign-in was open for too long, was finished already, or began in another browser.',
  },
  issuer_mismatch: { status: 400, ...refused('The answer came from another sign-in service than the one asked.') },
  provider_error: {
    status: 403,
    title: 'The sign-in service said no',
    text: 'You were not signed in.',
    operator: true,
  },
  pushed_request_failed: { status: 502, ...refused('The sign-in service did not accept this site.') },
  registration_failed: { status: 502, ...refused('The sign-in service did not register this site.') },
  token_request_failed: { status: 502, ...refused('The sign-in service did not accept this site.') },
  token_response_invalid: { status: 502, ...unavailable('The answer of the sign-in service could not be read.') },
  id_token_invalid: { status: 403, ...refused('The proof of who you are did not hold.') },
  id_token_signature: { status: 403, ...refused('The proof of who you are is not signed by the sign-in service.') },
  id_token_algorithm: {
    status: 403,
    ...refused('The proof of who you are is signed in a way that is not accepted here.'),
  },
  unknown_key: { status: 403, ...refused('The proof of who you are is signed with an unknown key.') },
  decryption_failed: { status: 403, ...refused('The proof of who you are could not be decrypted.') },
  userinfo_failed: { status: 502, ...unavailable('The sign-in service did not tell who you are.') },
  userinfo_invalid: { status: 403, ...refused('What the sign-in service says of you does not fit together.') },
  access_token_expired: {
    status: 502,
    ...unavailable('Your access could not be prolonged at the sign-in service. Please try again in a minute.'),
  },
  gate_unavailable: { status: 503, ...unavailable('This site cannot look up sessions at the moment.') },
  store_failed: { status: 503, ...unavailable('This site has no room to keep your session.') },
  store_unreachable: { status: 503, ...away },
  store_refused: { status: 503, ...away },
  store_full: { status: 503, ...away },
  login_loop: {
    status: 429,
    title: 'Signing in does not work',
    text: 'You were sent to the sign-in service several times within a minute and still are not signed in. Please wait a minute before you try again.',
  },
  host_not_allowed: { status: 400, ...refused('This site is not known under the address that you used.') },
  refresh_rejected: { status: 401, title: 'Please sign in again', text: 'Your session has ended.' },
  login_invalid: {
    status: 400,
    title: 'This sign-in link does not work',
    text: 'It names another sign-in service, or a page that is not on this site.',
    operator: true,
  },
  provider_unknown: {
    status: 404,
    title: 'There is no such sign-in service here',
    text: 'This address belongs to none of the sign-in services of this site.',
    operator: true,
  },
  tenant_not_allowed: {
    status: 403,
    title: 'Your organization cannot sign in here',
    text: 'The sign-in service knows you, but this site is not open to the organization that your account belongs to.',
    operator: true,
  },
  form_not_kept: {
    status: 401,
    title: 'Your form was not sent',
    text: 'Your session had ended. Go back: most browsers still show what you typed. Copy it, sign in, and send it again.',
  },
  form_not_sent: {
    status: 403,
    title: 'Your form was not sent',
    text: 'It was kept while somebody signed in, and cannot be sent any more.',
  },
  logout_invalid: {
    status: 400,
    title: 'The sign-out was refused',
    text: 'The request for it is not one of the sign-in service.',
    operator: true,
  },
  logout_incomplete: {
    status: 403,
    title: 'You are signed out in this browser only',
    text: 'Your sessions in other browsers could not be ended. Please sign in again, and then sign out everywhere.',
  },
  bearer_request_invalid: {
    status: 400,
    ...refusedToken('It must have one access token, in the Authorization header.'),
  },
  bearer_token_invalid: { status: 401, ...refusedToken('Its access token is not valid here.') },
  dpop_proof_invalid: { status: 401, ...refusedToken('Its access token came without a proof that holds.') },
  dpop_nonce_required: { status: 401, ...refusedToken('The proof of its access token needs a nonce of this site.') },
  bearer_scope_missing: { status: 403, ...refusedToken('Its access token does not allow this.') },
  introspection_failed: { status: 502, ...unavailable('The sign-in service did not tell whether a token holds.') },
  not_allowed: {
    status: 403,
    title: 'You may not open this page',
    text: 'You are signed in, but not as somebody who may. If that should be different, ask the people who run this site; what has changed lately counts once you have signed in again.',
  },
  step_up_required: {
    status: 401,
    title: 'Please sign in again',
    text: 'This page needs a more recent or a stronger sign-in than yours.',
  },
  step_up_failed: {
    status: 403,
    title: 'The sign-in was not enough',
    text: 'This page needs a more recent or a stronger sign-in, and the sign-in service did not say that yours was one.',
    operator: true,
  },
  internal: { status: 500, ...unavailable('Something unexpected went wrong.') },
} as const satisfies Record<string, ErrorMeaning>;

export type ErrorCode = keyof typeof errorTable;
export type ErrorText = (typeof errorTable)[ErrorCode]['title' | 'text'] | typeof operatorText;

/** What a page says in addition: English, with `{name}` where a value goes. */
export interface Note {
  readonly text: string;
  readonly values?: Record<string, string>;
}

/** The only kind of error that protocol code throws. */
export interface OidcError extends Error {
  readonly code: ErrorCode;
  /** For the log: the cause and the remedy. Never holds a token, code, secret or session id. */
  readonly detail: string;
  /** For the page, in addition to the code's own text. */
  readonly note?: Note;
  /** The provider's `error` (RFC 6749 section 5.2), when it answered with one. */
  readonly oauthError?: string;
}

/** The store that many machines share cannot be asked, or takes nothing. */
export type Outage = OidcError & { readonly code: 'store_unreachable' | 'store_refused' | 'store_full' };

/** Makes an error; a factory, because a subclass of Error does not survive lowering. */
export function oidcError(code: ErrorCode, detail: string, more?: { note?: Note; oauthError?: string }): OidcError {
  return Object.assign(new Error(`${code}: ${detail}`), { code, detail }, more);
}

export function isOidcError(error: unknown): error is OidcError {
  const code = (error as OidcError | undefined)?.code;
  return typeof code === 'string' && Object.prototype.hasOwnProperty.call(errorTable, code);
}

/** Whether what is known here has to do for a while. */
export function isOutage(error: unknown): error is Outage {
  return isOidcError(error) && /^store_(?:unreachable|refused|full)$/.test(error.code);
}

/** Whatever was thrown, as an error with a code. A message from inside is for the log only. */
export function asOidcError(error: unknown): OidcError {
  return isOidcError(error) ? error : oidcError('internal', printable(String((error as Error)?.message || error), 300));
}
