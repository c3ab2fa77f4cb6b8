import type { IncomingHttpHeaders } from 'node:http';

/** A request to the token endpoint, after it was answered. */
export interface TokenRequest {
  /** when it arrived, ms since epoch */
  at: number;
  grantType: string;
  headers: IncomingHttpHeaders;
  body: Record<string, string | string[]>;
  status: number;
}

/** Any request, when it arrived. */
export interface SeenRequest {
  at: number;
  method: string;
  /** path and query as sent */
  url: string;
  headers: IncomingHttpHeaders;
}

/** What the provider has seen: counters, and the recent requests for assertions. */
export interface ProviderEvents {
  /** answered token requests since the start or the last clear(), by grant type */
  readonly tokenCounts: Record<string, number>;
  /** the last 1000, oldest first */
  readonly tokenRequests: TokenRequest[];
  /** the last 1000 requests to any path, oldest first; those that `intercept` answered as well */
  readonly requests: SeenRequest[];
  /** how many token requests of this grant type, or of all, have been answered */
  countTokens(grantType?: string): number;
  clear(): void;
}

const most = 1000;

export function createEvents(): ProviderEvents & {
  sawToken(request: TokenRequest): void;
  saw(request: SeenRequest): void;
} {
  const tokenCounts: Record<string, number> = {};
  const tokenRequests: TokenRequest[] = [];
  const requests: SeenRequest[] = [];
  return {
    tokenCounts,
    tokenRequests,
    requests,
    countTokens: (grantType) =>
      grantType ? (tokenCounts[grantType] ?? 0) : Object.values(tokenCounts).reduce((sum, count) => sum + count, 0),
    clear() {
      for (const name of Object.keys(tokenCounts)) delete tokenCounts[name];
      tokenRequests.length = 0;
      requests.length = 0;
    },
    sawToken(request) {
      tokenCounts[request.grantType] = (tokenCounts[request.grantType] ?? 0) + 1;
      push(tokenRequests, request);
    },
    saw: (request) => push(requests, request),
  };
}

function push<T>(list: T[], item: T): void {
  list.push(item);
  if (list.length > most) list.shift();
}
