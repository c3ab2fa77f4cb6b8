// js_header_filter oidc.keepDpopNonce, in a location with auth_request /_oidc_proof: an API that wants its nonce in each
// proof (RFC 9449 section 9) gets it from the next request on.

import { readSetting } from '../config/config';
import { variableOf } from '../nginx/variable';
import { rememberNonce } from '../provider/dpop';
import { sharedDictStore } from '../store/shared-dict';

export function keepDpopNonce(r: NginxHTTPRequest): void {
  const nonce = r.headersOut['DPoP-Nonce'];
  if (nonce) {
    const url = readSetting('dpop_url', variableOf(r));
    rememberNonce(sharedDictStore('oidc_provider'), url, String(nonce));
  }
}
