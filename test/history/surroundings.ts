import { type Agent, createAgent } from '../support/agent';
import { type EchoApplication, startEchoApplication } from '../support/echo-application';
import { freePort } from '../support/free-port';
import { logoutClaims } from '../support/logout-claims';
import { type Canned, type MisbehavingProvider, startMisbehavingProvider } from '../support/misbehaving-provider';
import { NoAnswer } from '../support/no-answer';
import { type History, newHistory } from './history';
import type { World } from './person';

/** What is around the nodes of a site: the provider that knows its people, the application, and what is written down. */
export interface Surroundings extends Omit<World, 'nodes'> {
  readonly provider: MisbehavingProvider;
  readonly application: EchoApplication;
  /** How the token endpoint answers from now on; undefined: properly. */
  tokenTrouble: Canned | undefined;
  readonly history: History;
  stop(): Promise<void>;
}

export async function startSurroundings(): Promise<Surroundings> {
  const history = newHistory();
  const provider = await startMisbehavingProvider();
  const application = await startEchoApplication();
  const host = `127.0.0.1:${await freePort()}`;
  const askedBy = new Map<string, string>();
  identify(provider, askedBy);
  provider.does.expiresIn = 4;
  const caller: Agent = createAgent({ 'sec-fetch-site': undefined });
  let sessions = 0;
  const surroundings: Surroundings = {
    history,
    provider,
    application,
    host,
    askedBy,
    tokenTrouble: undefined,
    nextSession: () => ++sessions,
    async signOutAtProvider(person, node) {
      const token = await provider.logoutToken(
        logoutClaims({ iss: provider.issuer, aud: provider.client.id }, { sub: person }),
      );
      const answer = await caller
        .xhr(`${node}/back_channel_logout`, { method: 'POST', form: { logout_token: token }, headers: { host } })
        .catch((error) => {
          if (error instanceof NoAnswer) return undefined;
          throw error;
        });
      return answer?.status === 200;
    },
    async stop() {
      await caller.close();
      await provider.stop();
      await application.stop();
    },
  };
  provider.respond('/token', ({ form, at }) => {
    const token = form.get('refresh_token');
    if (token !== null) history.tokenUses.push({ token, at });
    return surroundings.tokenTrouble;
  });
  return surroundings;
}

/** The provider signs in whoever asked with this nonce, and knows them again by the `sid` when tokens are renewed. */
function identify(provider: MisbehavingProvider, askedBy: Map<string, string>): void {
  const personOf = new Map<unknown, string>();
  provider.does.metadata = ({ userinfo_endpoint: _, ...others }) => others;
  provider.does.idToken = (claims) => {
    const asked = askedBy.get(String(claims.nonce));
    if (asked !== undefined) personOf.set(claims.sid, asked);
    const person = personOf.get(claims.sid);
    if (person === undefined) throw new Error('nobody asked for this token');
    return { ...claims, sub: person, name: person };
  };
}
