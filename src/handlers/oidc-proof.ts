// location = /_oidc_proof: the gate for an API that takes tokens bound to a key (DPoP, RFC 9449). A proof is for one
// request, so that it is made within it.

import { readConfig } from '../config/config';
import { fail } from '../nginx/gate';
import { variableOf } from '../nginx/variable';
import { dpopProof } from '../protocol/dpop';
import { oidcError } from '../protocol/errors';
import { nonceFor } from '../provider/dpop';
import type { Session, Sessions } from '../session/sessions';
import { sharedDictStore } from '../store/shared-dict';
import { answerWithin } from './continue-session';

/** As the gate, and `$oidc_dpop_proof`; a session whose tokens are bound to no key is over. */
export async function oidcProof(r: NginxHTTPRequest): Promise<void> {
  try {
    await answerWithin(r, (sessions, session) => prove(r, sessions, session));
  } catch (error) {
    fail(r, error);
  }
}

async function prove(r: NginxHTTPRequest, sessions: Sessions, session: Session): Promise<boolean> {
  const { dpop, dpop_url: url } = readConfig(variableOf(r));
  if (!dpop || url === '') {
    throw oidcError('config_invalid', '/_oidc_proof needs $oidc_dpop 1, and $oidc_dpop_url in the location');
  }
  const tokens = await sessions.tokens(session);
  if (!tokens?.dpopKey) {
    return false;
  }
  r.variables.oidc_dpop_proof = await dpopProof(tokens.dpopKey, {
    method: r.variables.request_method || '',
    url,
    accessToken: tokens.accessToken,
    nonce: nonceFor(sharedDictStore('oidc_provider'), url),
    now: Math.floor(Date.now() / 1000),
  });
  return true;
}
