// The handlers that NGINX sees, by the names in nginx/openid_connect.server_conf. A location, its handler and its
// file in handlers/ share a name.

import { authRequest } from './handlers/auth-request';
import { bearerRequest } from './handlers/bearer-request';
import { eitherRequest } from './handlers/either-request';

export default {
  authRequest,
  bearerRequest,
  eitherRequest,
  auth: (r: NginxHTTPRequest) => loadFlow().auth(r),
  continueSession: (r: NginxHTTPRequest) => loadFlow().continueSession(r),
  continueBearer: (r: NginxHTTPRequest) => loadFlow().continueBearer(r),
  protectedResource: (r: NginxHTTPRequest) => loadFlow().protectedResource(r),
  codeExchange: (r: NginxHTTPRequest) => loadFlow().codeExchange(r),
  logout: (r: NginxHTTPRequest) => loadFlow().logout(r),
  handleFrontChannelLogout: (r: NginxHTTPRequest) => loadFlow().handleFrontChannelLogout(r),
  oidcLogin: (r: NginxHTTPRequest) => loadFlow().oidcLogin(r),
  oidcJwks: (r: NginxHTTPRequest) => loadFlow().oidcJwks(r),
  oidcRequest: (r: NginxHTTPRequest) => loadFlow().oidcRequest(r),
  oidcProof: (r: NginxHTTPRequest) => loadFlow().oidcProof(r),
  keepDpopNonce: (r: NginxHTTPRequest) => loadFlow().keepDpopNonce(r),
  oidcReturn: (r: NginxHTTPRequest) => loadFlow().oidcReturn(r),
  handleBackChannelLogout: (r: NginxHTTPRequest) => loadFlow().handleBackChannelLogout(r),
  renew: (r: NginxHTTPRequest) => loadFlow().renew(r),
  loggedOut: (r: NginxHTTPRequest) => loadFlow().loggedOut(r),
};
