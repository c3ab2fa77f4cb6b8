import { sendJson } from './respond';

/**
 * Answers a request that is none of an operator's at a terminal, and returns true: by another method, or by a browser, whose
 * open pages could ask what `allow 127.0.0.1` lets in.
 */
export function refuseStrangers(r: NginxHTTPRequest, methods: string[]): boolean {
  if (methods.indexOf(r.method) < 0) {
    r.headersOut.Allow = methods.join(', ');
    sendJson(r, 405, { error: 'method_not_allowed' });
    return true;
  }
  if (r.variables.http_sec_fetch_site || r.variables.http_origin) {
    sendJson(r, 403, { error: 'browser_refused' });
    return true;
  }
  return false;
}
