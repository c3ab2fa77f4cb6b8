// All that runs rarely: logins, logouts, renewals. build.mjs wraps this bundle in the function loadFlow().

import { auth } from './handlers/auth';
import { handleBackChannelLogout } from './handlers/back-channel-logout';
import { codeExchange } from './handlers/code-exchange';
import { continueAtGate } from './handlers/continue-at-gate';
import { continueBearer } from './handlers/continue-bearer';
import { continueSession } from './handlers/continue-session';
import { handleFrontChannelLogout } from './handlers/front-channel-logout';
import { keepDpopNonce } from './handlers/keep-dpop-nonce';
import { loggedOut } from './handlers/logged-out';
import { logout } from './handlers/logout';
import { oidcJwks } from './handlers/oidc-jwks';
import { oidcLogin } from './handlers/oidc-login';
import { oidcProof } from './handlers/oidc-proof';
import { oidcRequest } from './handlers/oidc-request';
import { oidcReturn } from './handlers/oidc-return';
import { protectedResource } from './handlers/protected-resource';
import { recheckAtGate } from './handlers/recheck-at-gate';
import { renew } from './handlers/renew';
import { metUntil } from './session/met-demands';

export default {
  auth,
  codeExchange,
  continueAtGate,
  continueBearer,
  continueSession,
  handleBackChannelLogout,
  handleFrontChannelLogout,
  loggedOut,
  logout,
  metUntil,
  oidcJwks,
  oidcLogin,
  keepDpopNonce,
  oidcProof,
  oidcRequest,
  oidcReturn,
  protectedResource,
  recheckAtGate,
  renew,
};
