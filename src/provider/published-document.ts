import { logWarning } from '../nginx/log';
import { count } from '../nginx/metrics';
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
/** A token can be signed by keys that do not exist; such fetches of a document are at most so many in this time (s). */
const mostRefetches = 3;
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

/** A document newer than the one that did not do; or for how many seconds there is none to be had. */
export type Refetched<T> = { document: T } | { retryAfter: number };

/**
 * Looks for a document newer than `used`, which is fresh but lacks what a token was signed with: the one that somebody
 * else got meanwhile, or one that is fetched now. Over all workers that is done by one at a time, and three times in
 * 30 seconds, so that tokens cannot make the provider be called at will.
 * @throws what `callProvider` and `parse` throw
 */
export async function refetchedDocument<T>(
  context: ProviderContext,
  wanted: PublishedDocument<T>,
  used: T,
): Promise<Refetched<T>> {
  const { cache, config } = context;
  const lock = `refetching:${wanted.url}`;
  const deadline = Date.now() + config.provider_timeout * 1000;
  while (!cache.add(lock, '1', config.provider_timeout + 1)) {
    if (Date.now() >= deadline) {
      throw oidcError('provider_timeout', `${wanted.url}: another request was fetching it and did not finish`);
    }
    await sleep(50);
  }
  try {
    const newer = read<T>(context, wanted)?.document;
    if (newer !== undefined && JSON.stringify(newer) !== JSON.stringify(used)) {
      count('oidc_key_refetches_total', 'found');
      return { document: newer };
    }
    const wait = takeRefetch(context, wanted.url);
    if (wait > 0) {
      count('oidc_key_refetches_total', 'throttled');
      return { retryAfter: wait };
    }
    const document = await fetch(context, wanted).catch((error) => {
      count('oidc_key_refetches_total', 'failed');
      throw error;
    });
    count('oidc_key_refetches_total', 'fetched');
    return { document };
  } finally {
    cache.delete(lock);
  }
}

/** 0 for one of the fetches that are free now; else the seconds until the next one is. */
function takeRefetch({ cache }: ProviderContext, url: string): number {
  const now = Math.floor(Date.now() / 1000);
  let free = now + refetchInterval;
  for (let number = 0; number < mostRefetches; number++) {
    const entry = `refetched:${url}:${number}`;
    if (cache.add(entry, String(now + refetchInterval), refetchInterval)) {
      return 0;
    }
    free = Math.min(free, Number(cache.get(entry)) || now);
  }
  return Math.max(1, free - now);
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

/** Parsed before, where the engine keeps a module between requests; it holds while the cache has the same text. */
const parsed: { text: string; cached: Cached<unknown> }[] = [];
const mostParsed = 8;

function read<T>(context: ProviderContext, wanted: PublishedDocument<T>): Cached<T> | undefined {
  const text = context.cache.get(entry(wanted));
  if (text === undefined) {
    return undefined;
  }
  const known = parsed.filter((one) => one.text === text)[0];
  if (known) {
    return known.cached as Cached<T>;
  }
  const cached = JSON.parse(text) as Cached<T>;
  parsed.unshift({ text, cached });
  parsed.length = Math.min(parsed.length, mostParsed);
  return cached;
}

const entry = (wanted: { name: string; url: string }) => `${wanted.name}:${wanted.url}`;
