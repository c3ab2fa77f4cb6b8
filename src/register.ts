// openid_connect_register.js: what /_oidc_register needs, in a file that this location alone imports. A site that is
// registered has no use for it.

import { oidcRegister } from './handlers/oidc-register';

export default {
  oidcRegister,
};
