// Test-only handler, run by NGINX: one operation of the store that several machines share for each request.

import { sharedStoreOf } from '../../src/store/redis';

async function call(r: NginxHTTPRequest & { requestText?: string }): Promise<void> {
  const { operation, args } = JSON.parse(r.requestText as string) as { operation: string; args: unknown[] };
  const store = sharedStoreOf(r) as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>;
  try {
    const work = store[operation] as (...args: unknown[]) => Promise<unknown>;
    const result = await work.apply(store, args);
    r.return(200, JSON.stringify({ result }));
  } catch (error) {
    const { code, detail, message } = error as { code?: string; detail?: string; message?: string };
    r.return(507, JSON.stringify({ code: code || 'thrown', detail: detail || message }));
  }
}

export default { call };
