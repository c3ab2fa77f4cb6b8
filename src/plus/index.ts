// The handlers for NGINX Plus, by the names that its configuration files have used all along.

import { auth } from './auth';
import { handleBackChannelLogout } from './back-channel-logout';
import { checkConfiguration } from './check-configuration';
import { codeExchange } from './code-exchange';
import { extractTokenClaims } from './extract-token-claims';
import { handleFrontChannelLogout, logout } from './logout';
import { oidcJwks } from './oidc-jwks';
import { oidcLogin } from './oidc-login';

export default {
  auth,
  checkConfiguration,
  codeExchange,
  extractTokenClaims,
  logout,
  handleFrontChannelLogout,
  handleBackChannelLogout,
  oidcJwks,
  oidcLogin,
};
