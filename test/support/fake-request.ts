import type { Config } from '../../src/config/settings';
import type { Context } from '../../src/visit/context';
import { memoryStore } from './memory-store';

/** A request as njs would hand it over, with what the handlers did to it. */
export interface FakeRequest {
  method: string;
  variables: Record<string, string | undefined>;
  headersOut: Record<string, unknown>;
  /** what was returned */
  status: number | undefined;
  body: string;
  log: { level: 'warn' | 'error'; line: string }[];
  subrequests: { location: string; url: string | undefined; options: unknown }[];
}

const needsDeclaration = /^(?:oidc_claim_|jwt_claim_|oidc_session_)|^(?:access|id)_token$/;

/** As NGINX: names of claims and tokens that are not there cannot be set. A name with the value undefined is declared by auth_request_set. */
function declaredVariables(variables: Record<string, string | undefined>): Record<string, string | undefined> {
  return new Proxy(variables, {
    set(target, name: string, value: string) {
      if (needsDeclaration.test(name) && !(name in target)) throw new Error('variable not found');
      target[name] = value;
      return true;
    },
  });
}

/** What the provider answers, or throws. */
export type FakeAnswer = { status?: number; text?: string; headers?: Record<string, string> } | Error;

export function fakeRequest(
  variables: Record<string, string | undefined> = {},
  answer: (url: string) => FakeAnswer | Promise<FakeAnswer> = () => ({ status: 502 }),
  detached: (location: string, r: FakeRequest & NginxHTTPRequest) => unknown = () => {},
): FakeRequest & NginxHTTPRequest {
  const request: FakeRequest = {
    method: 'GET',
    variables: declaredVariables({ request_id: '0123456789abcdef', ...variables }),
    headersOut: {},
    status: undefined,
    body: '',
    log: [],
    subrequests: [],
  };
  return Object.assign(request, {
    return(status: number, body = '') {
      request.status = status;
      request.body = body;
      Object.assign(this, { status, body });
    },
    warn: (line: string) => void request.log.push({ level: 'warn', line }),
    error: (line: string) => void request.log.push({ level: 'error', line }),
    async subrequest(location: string, options: { detached?: boolean; args?: string }) {
      if (options.detached) {
        const { variables, log, subrequests } = request;
        variables.arg_owner = new URLSearchParams(options.args).get('owner') ?? undefined;
        return detached(
          location,
          Object.assign(fakeRequest(), { variables, log, subrequests, subrequest: this.subrequest }),
        );
      }
      const url = request.variables.oidc_provider_url ?? '';
      request.subrequests.push({ location, url, options });
      const reply = await answer(url);
      if (reply instanceof Error) throw reply;
      const headers = { 'Content-Type': 'application/json', ...reply.headers };
      return { status: reply.status ?? 200, responseText: reply.text ?? '', headersOut: headers, variables: {} };
    },
  }) as unknown as FakeRequest & NginxHTTPRequest;
}

/** A context for code that calls the provider: memory for a cache, and a clock to move. */
export function fakeContext(r: FakeRequest & NginxHTTPRequest, config: Partial<Config> = {}) {
  const cache = memoryStore();
  return {
    r,
    cache,
    now: cache.now,
    config: { provider_timeout: 1, metadata_ttl: 3600, ...config } as Config,
  } satisfies Partial<Context> as unknown as Context & { now: number; cache: ReturnType<typeof memoryStore> };
}
