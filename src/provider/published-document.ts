import { logWarning } from '../nginx/log';
import { sleep } from '../nginx/timers';
import { isOidcError, oidcError } from '../protocol/errors';
import { callProvider, type ProviderLocation } from './call';
import type { ProviderContext } from './context';

/** A document that the provider publishes, as the cache has it: checked before it is stored. */
interface Cached<T> {
  fetched: number;
  document: T;
}

/** After a failed fetch the old document is used for this long before the next try (s). */
const retryAfter = 10;
/** A token can name keys that do not exist; for each document such a fetch is made once in this time (s). */
const refetchInterval = 30;
/** A document that nobody could renew is forgotten after (s). */
const keepFor = 604800;

export interface PublishedDocument<T> {
  name: string;
  location: ProviderLocation;
  url: string;
  /** Checks the text; the result must survive JSON. */
  parse: (text: string) => T;
}

/**
 * The document from the cache that all workers share, fetched when it is older than `$oidc_metadata_ttl`: by one
 * request at a time. Only a document that `parse` accepts replaces one; when the provider is down, or answers
 * nonsense, the last good one stays in use.
 * @throws what `callProvider` and `parse` throw when there is no document at all
 */
export async function publishedDocument<T>(context: ProviderContext, wanted: PublishedDocument<T>): Promise<T> {
  const deadline = Date.now() + context.config.provider_timeout * 1000;
  for (;;) {
    const cached = read<T>(context, wanted);
    if (cached && context.now - cached.fetched < context.config.metadata_ttl) {
      return cached.document;
    }
    if (context.cache.add(`fetching:${wanted.url}`, '1', cached ? retryAfter : context.config.provider_timeout + 1)) {
      return fetchInstead(context, wanted, cached?.document);
    }
    if (cached) {
      return cached.document;
    }
    if (Date.now() >= deadline) {
      throw oidcError('provider_timeout', `${wanted.url}: another request was fetching it and did not finish`);
    }
    await sleep(50);
  }
}

/**
 * Fetches the document although the cached one is fresh, because a token names a key that is not in it.
 * @returns undefined when that was done a moment ago already: the answer would be the same
 */
export async function refetchedDocument<T>(
  context: ProviderContext,
  wanted: PublishedDocument<T>,
): Promise<T | undefined> {
  return context.cache.add(`refetched:${wanted.url}`, '1', refetchInterval) ? fetch(context, wanted) : undefined;
}

async function fetchInstead<T>(context: ProviderContext, wanted: PublishedDocument<T>, old: T | undefined): Promise<T> {
  try {
    const document = await fetch(context, wanted);
    context.cache.delete(`fetching:${wanted.url}`);
    return document;
  } catch (error) {
    if (old === undefined) {
      context.cache.delete(`fetching:${wanted.url}`);
      throw error;
    }
    logWarning(
      context.r,
      isOidcError(error) ? error : oidcError('internal', String(error)),
      'the last good one stays in use',
    );
    return old; // `fetching` stays: nobody tries again before retryAfter
  }
}

async function fetch<T>(context: ProviderContext, wanted: PublishedDocument<T>): Promise<T> {
  const answer = await callProvider(context, wanted.location, wanted.url);
  if (answer.status !== 200) {
    const code = wanted.location === '/_discovery' ? 'discovery_failed' : 'jwks_failed';
    throw oidcError(code, `${wanted.url} answered ${answer.status}`);
  }
  const document = wanted.parse(answer.text);
  const cached: Cached<T> = { fetched: context.now, document };
  context.cache.set(entry(wanted), JSON.stringify(cached), keepFor);
  return document;
}

function read<T>(context: ProviderContext, wanted: PublishedDocument<T>): Cached<T> | undefined {
  const text = context.cache.get(entry(wanted));
  return text === undefined ? undefined : (JSON.parse(text) as Cached<T>);
}

const entry = (wanted: { name: string; url: string }) => `${wanted.name}:${wanted.url}`;
