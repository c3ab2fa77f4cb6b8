import { oidcError } from './errors';
import { sameOrigin } from './origin';
import { encodeForm, type Parameters, parseParameters } from './parameters';
import { safeReturnPath } from './return-path';
import { printable } from './text';

/** A login that somebody asks for: where it leads, and who it may be. */
export interface LoginInitiation {
  /** A path of this site. */
  path: string;
  loginHint?: string;
  /** To stay signed in after closing the browser. */
  keep?: true;
}

const longestHint = 1000;

/**
 * What a link to the login endpoint asks for: `return`, a path of this site, and `keep`, in a link of this site; or `iss`, `login_hint` and
 * `target_link_uri` as a third party gives them (OpenID Connect Core section 4).
 * @param query the query string, or the form of a POST
 * @param issuers the site's own, one of which `iss` must repeat to the letter
 * @param baseUrl scheme://host:port of this site
 * @throws login_invalid
 */
export function parseLoginInitiation(query: string, issuers: string[], baseUrl: string): LoginInitiation {
  const parameters = parseParameters(query);
  if (!parameters) {
    throw invalid('a parameter comes twice, or is not encoded');
  }
  const { iss, login_hint, target_link_uri } = parameters;
  if (iss === undefined) {
    if (login_hint !== undefined || target_link_uri !== undefined) {
      throw invalid('login_hint and target_link_uri need an "iss"');
    }
    const path = pathOf(parameters, 'return', baseUrl);
    return parameters.keep === '1' ? { path, keep: true } : { path };
  }
  if (issuers.indexOf(iss) < 0) {
    throw invalid(`"iss" is "${printable(iss, 200)}", not ${issuers.join(' or ')} ($oidc_issuer)`);
  }
  if (parameters.return !== undefined) {
    throw invalid('"return" is for links of this site, without "iss"');
  }
  const path = pathOf(parameters, 'target_link_uri', baseUrl);
  if (login_hint !== undefined && login_hint.length > longestHint) {
    throw invalid(`login_hint is longer than ${longestHint} characters`);
  }
  return login_hint ? { path, loginHint: login_hint } : { path };
}

/** The same as a query string, for an issuer that is known. */
export function encodeLoginInitiation({ path, loginHint, keep }: LoginInitiation, issuer: string): string {
  return encodeForm(
    loginHint === undefined
      ? [['return', path] as [string, string]].concat(keep ? [['keep', '1']] : [])
      : [
          ['iss', issuer],
          ['login_hint', loginHint],
          ['target_link_uri', path],
        ],
  );
}

/** The path that a parameter names, '/' where it is missing. What is of another site, or would be cut, is refused. */
function pathOf(parameters: Parameters, name: string, baseUrl: string): string {
  const target = parameters[name];
  if (target === undefined) {
    return '/';
  }
  const origin = /^https?:\/\/[^/?#]*/i.exec(target)?.[0] || '';
  const wanted = target.slice(origin.length) || '/';
  const path = safeReturnPath(wanted);
  const isCut = /[?#]/.test(wanted) && !/[?#]/.test(path);
  if ((origin !== '' && !sameOrigin(origin, baseUrl)) || (path === '/' && wanted !== '/') || isCut) {
    throw invalid(`"${name}" is "${printable(target, 200)}", which is no path of ${baseUrl}, or too long a one`);
  }
  return path;
}

const invalid = (problem: string) => oidcError('login_invalid', `/_oidc_login: ${problem}`);
