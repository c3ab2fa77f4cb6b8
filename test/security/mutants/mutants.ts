import { accessTokens } from './access-tokens';
import { backChannelLogout } from './back-channel-logout';
import { demandsOfLocations } from './demands-of-locations';
import { dryRun } from './dry-run';
import { encryptedTokens } from './encrypted-tokens';
import { frontChannelLogout } from './front-channel-logout';
import { highSecurity } from './high-security';
import { keptForms } from './kept-forms';
import { logins } from './logins';
import { manyMachines } from './many-machines';
import { monitoring } from './monitoring';
import type { Mutant } from './mutant';
import { optionalSignIn } from './optional-sign-in';
import { pages } from './pages';
import { plus } from './plus';
import { proofs } from './proofs';
import { registration } from './registration';
import { responses } from './responses';
import { sessionCookie, sharedCookie } from './session-cookie';
import { sessionsAndCookies } from './sessions-and-cookies';
import { severalProviders } from './several-providers';
import { sharedStore } from './shared-store';
import { templates } from './templates';
import { tokens } from './tokens';

/** Every defect that the tests are proven against. */
export const mutants: Mutant[] = [
  ...tokens,
  ...responses,
  ...logins,
  ...frontChannelLogout,
  ...backChannelLogout,
  ...sessionsAndCookies,
  ...plus,
  ...templates,
  ...optionalSignIn,
  ...accessTokens,
  ...encryptedTokens,
  ...proofs,
  ...keptForms,
  ...manyMachines,
  ...severalProviders,
  ...sharedStore,
  ...demandsOfLocations,
  ...sessionCookie,
  ...sharedCookie,
  ...highSecurity,
  ...registration,
  ...dryRun,
  ...pages,
  ...monitoring,
];
