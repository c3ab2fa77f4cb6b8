import { configureStore, type StoreConnection } from '../../scripts/site/configure-store';
import type { SharedStore } from '../../src/store/shared-store';
import type { NginxOptions } from './nginx-configuration';
import { shipped } from './site';

/** What the shipped files of the store add to a configuration; `http` declares the upstream, `files` are below conf.d/. */
export function storeOptions(connection: StoreConnection): Required<Pick<NginxOptions, 'main' | 'http' | 'files'>> {
  const { main, upstream, files } = configureStore(connection, shipped);
  return { main, http: upstream, files };
}

/** The store as a test sees it: each operation is a request to the handler of shared-store-handler.ts at this address. */
export function remoteStore(url: string): SharedStore {
  const call = async (operation: string, args: unknown[]) => {
    const answer = await fetch(url, { method: 'POST', body: JSON.stringify({ operation, args }) });
    const text = await answer.text();
    if (answer.status !== 200 && answer.status !== 507) throw new Error(`status ${answer.status}: ${text}`);
    const said = JSON.parse(text) as { result?: unknown; code?: string; detail?: string };
    if (!answer.ok) throw Object.assign(new Error(`${said.code}: ${said.detail}`), { code: said.code });
    return said.result;
  };
  return new Proxy({} as SharedStore, {
    get:
      (_, operation) =>
      (...args: unknown[]) =>
        operation === 'then' ? undefined : call(String(operation), args),
  });
}
