import type { Config } from '../config/settings';
import type { Store } from '../store/store';

/** What a call of the provider needs to know of the request that makes it. */
export interface ProviderContext {
  readonly r: NginxHTTPRequest;
  readonly config: Config;
  /** Seconds since 1970, when the handler began. */
  readonly now: number;
  /** For what the provider publishes. */
  readonly cache: Store;
}
