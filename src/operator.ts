// openid_connect_operator.js: what the operator asks, in a file that those locations alone import. No sign-in pays for it.

import { checkConfiguration } from './handlers/check-configuration';
import { oidcDryRun } from './handlers/oidc-dry-run';
import { oidcMetrics } from './handlers/oidc-metrics';
import { oidcRegister } from './handlers/oidc-register';
import { oidcSessions } from './handlers/oidc-sessions';

export default {
  checkConfiguration,
  oidcDryRun,
  oidcMetrics,
  oidcRegister,
  oidcSessions,
};
