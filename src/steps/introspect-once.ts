import { sleep } from '../nginx/timers';
import type { ProviderMetadata } from '../protocol/discovery';
import { oidcError } from '../protocol/errors';
import type { JsonObject } from '../protocol/json';
import { introspect } from '../provider/introspection';
import type { KeptTokens } from '../store/kept-tokens';
import { introspectionEntry } from '../store/token-verdict';
import type { SiteContext } from '../visit/context';

/** What the provider said of a token. */
export interface Introspected {
  /** Seconds since 1970. */
  readonly at: number;
  /** Undefined for a token that is not active. */
  readonly answer?: JsonObject | undefined;
}

/**
 * What the provider says of a token, or said within `$oidc_introspection_ttl` seconds, whether good or bad. Over all
 * workers one request asks about a token; the others take what it got.
 * @param site what only this site's configuration knows
 * @throws as introspect; provider_timeout when another request that asks does not finish
 */
export async function introspectOnce(
  context: SiteContext,
  tokens: KeptTokens,
  metadata: ProviderMetadata,
  token: string,
  site: string,
): Promise<Introspected> {
  const { config } = context;
  const entry = introspectionEntry(token, `${site}\n${metadata.introspection_endpoint}`);
  const deadline = Date.now() + config.provider_timeout * 1000;
  for (;;) {
    const known = lately(tokens.get(entry), config.introspection_ttl);
    if (known) {
      return known;
    }
    if (tokens.lock(entry, config.provider_timeout + 1)) {
      return ask(context, tokens, metadata, token, entry);
    }
    if (Date.now() >= deadline) {
      throw oidcError('provider_timeout', 'another request was asking about the same token and did not finish');
    }
    await sleep(50);
  }
}

async function ask(
  context: SiteContext,
  tokens: KeptTokens,
  metadata: ProviderMetadata,
  token: string,
  entry: string,
): Promise<Introspected> {
  try {
    // Whoever had the lock before may have brought it between the look and the lock.
    const known = lately(tokens.get(entry), context.config.introspection_ttl);
    if (known) {
      return known;
    }
    const at = Math.floor(Date.now() / 1000);
    const said: Introspected = { at, answer: await introspect(context, metadata, token) };
    tokens.keep(entry, JSON.stringify(said), context.config.introspection_ttl, said.answer ? 'good' : 'bad');
    return said;
  } finally {
    tokens.unlock(entry);
  }
}

function lately(text: string | undefined, ttl: number): Introspected | undefined {
  const known = text === undefined ? undefined : (JSON.parse(text) as Introspected);
  return known && Date.now() / 1000 < known.at + ttl ? known : undefined;
}
