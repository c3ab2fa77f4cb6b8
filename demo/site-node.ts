import { configureStore, includeStore } from '../scripts/site/configure-store';
import { type SiteOptions, shipped, siteFiles } from './site';

/** One of the machines that share their sessions. */
export interface NodeOptions extends SiteOptions {
  hmacKey: string;
  baseUrl: string;
  /** as its pages say it */
  name: string;
  /** host:port of the store's servers, and a port of this machine's for each, by which it speaks to them */
  store: { servers: string[]; ports: number[]; password: string };
}

/** The shipped files with what docs/many-machines.md says to change, and the lines of nginx.conf. Throws DemoError. */
export function nodeFiles(options: NodeOptions): { main: string; files: Record<string, string> } {
  const { nginx, store } = options;
  const { password, ...connection } = store;
  const configured = configureStore({ nginx, ...connection, account: { 'Store-Password': password } }, shipped);
  const files = siteFiles(options);
  const frontend = 'conf.d/frontend.conf';
  return {
    main: configured.main,
    files: {
      ...files,
      ...configured.files,
      [frontend]: `${configured.upstream}\n${includeStore(files[frontend] ?? '')}`,
    },
  };
}
