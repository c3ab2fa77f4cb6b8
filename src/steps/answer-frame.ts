import { sendText } from '../browser/respond';
import { asOidcError, errorTable, type OidcError } from '../protocol/errors';

/** 200 whatever there was to end, so that nobody learns of sessions here; 400 for what no provider sends. */
export async function answerFrame(
  r: NginxHTTPRequest,
  end: () => void | Promise<void>,
  log: (r: NginxHTTPRequest, error: OidcError) => void,
): Promise<void> {
  if (r.method !== 'GET') {
    r.headersOut.Allow = 'GET';
    return sendText(r, 405, 'Method not allowed');
  }
  try {
    await end();
    sendText(r, 200, 'Logout successful');
  } catch (error) {
    const known = asOidcError(error);
    log(r, known);
    sendText(r, errorTable[known.code].status, 'Logout failed');
  }
}
