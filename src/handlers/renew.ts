// location = /_renew: renews the session of a request that has the session's lock. Nobody sees its answer.

import { renewHere } from '../steps/renew-session';

export async function renew(r: NginxHTTPRequest): Promise<void> {
  await renewHere(r, r.variables.arg_owner || '');
  r.return(204);
}
