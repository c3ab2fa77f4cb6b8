import type { Config } from '../config/settings';
import { leftOutLately } from '../session/left-out-claims';
import { realmOf } from '../session/session-id';
import { sharedDictStore } from '../store/shared-dict';
import { type Finding, finding } from './finding';

/** The claims that could not be handed on to the application at somebody's sign-in or renewal. */
export function checkClaims({ client, issuer, authz_endpoint, claim_max_length }: Config): Finding[] {
  if (!ngx.shared?.oidc_provider) {
    return []; // the zones' own finding says so
  }
  const realm = realmOf(client, issuer, authz_endpoint);
  const notes = leftOutLately(sharedDictStore('oidc_provider'), realm, Math.floor(Date.now() / 1000));
  return notes.length === 0
    ? [finding('ok', 'claims', `none was left out within a day; up to ${claim_max_length} bytes each`)]
    : notes.map(({ claim, variable, problem, remedy, at }) =>
        finding('warning', 'claims', `"${claim}" ${problem}: $${variable} was empty ${timeOf(at)}`, remedy),
      );
}

const timeOf = (at: number) => new Date(at * 1000).toISOString();
