// The gate's verdicts. auth_request lets a request pass on 2xx, stops it on 401, and fails closed on all else.

/** What the location's auth_request_set lines take: names of variables and their values by turns. */
export type Variables = string[];

/** An answer of more bytes would not fit into the proxy_buffer_size of /_oidc_auth, 8k. */
const largestAnswer = 7500;

/** Signed in, said by the gate in its own short request: 204, and the variables as headers of the same names. */
export function pass(r: NginxHTTPRequest, variables: Variables): void {
  const out = r.headersOut;
  for (let at = 0; at + 1 < variables.length; at += 2) {
    out[variables[at] as string] = variables[at + 1] as string;
  }
  r.return(204);
}

/** Whether `pass` can say it. */
export function fits(variables: Variables): boolean {
  let characters = 0;
  let bytes = 0;
  for (const text of variables) {
    characters += text.length + 2;
  }
  if (characters * 4 > largestAnswer) {
    for (const text of variables) {
      bytes += Buffer.byteLength(text) + 2;
    }
  }
  return bytes <= largestAnswer;
}

/** Not for a short request: @continue_session goes on within the person's request. */
export function leave(r: NginxHTTPRequest): void {
  r.return(409, '');
}

/** Signed in, said within the person's request, where js_var variables can be set as well. */
export function allow(r: NginxHTTPRequest, variables: Variables): void {
  for (let at = 0; at + 1 < variables.length; at += 2) {
    const name = variables[at] as string;
    try {
      r.variables[name] = variables[at + 1] as string;
    } catch {
      // Declared by auth_request_set alone, or not any more since the session began.
    }
    r.headersOut[name] = variables[at + 1] as string;
  }
  r.return(204);
}

/** Of a location that demands nothing but a session. */
export const noDemands = '\t\t';

/**
 * Not signed in: @do_oidc_flow starts a login. Where signing in is optional, which `/_oidc_optional` says by its query,
 * the request goes on instead, with no variable but this one, unless the location demands something of a person.
 * @param appCookies the browser's cookies without our own
 * @param answer `pass` or `allow`, of whoever asks
 */
export function deny(r: NginxHTTPRequest, appCookies: string, answer: typeof pass, demands: string): void {
  if (demands !== noDemands || r.variables.args !== 'optional') {
    r.return(401, '');
    return;
  }
  const variables = ['oidc_app_cookies', appCookies];
  if (answer === allow || fits(variables)) {
    answer(r, variables);
  } else {
    leave(r);
  }
}

/** Cannot tell: denied, and @do_oidc_flow shows this error instead of starting a login that might loop. */
export function fail(r: NginxHTTPRequest, error: unknown): void {
  const { code, detail, message } = error as { code?: string; detail?: string; message?: string };
  r.variables.oidc_gate_error = `${code || 'internal'} ${detail || message || error}`;
  r.return(401, '');
}
