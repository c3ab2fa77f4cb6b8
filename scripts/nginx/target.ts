/** A: njs 0.8, B: njs 1.0 with its own engine, C: njs 1.0 with QuickJS, P: NGINX Plus, where one is named. */
export type Target = 'A' | 'B' | 'C' | 'P';
export type Engine = 'njs' | 'qjs';

/** Those that can be had everywhere. */
export const targets: readonly Target[] = ['A', 'B', 'C'];

/** An NGINX to run, as one target of the test matrix. */
export interface Nginx {
  target: Target;
  /** argv prefix: the binary, behind its own loader where it has one */
  command: string[];
  /** absolute path of ngx_http_js_module.so, for load_module */
  modulePath: string;
  engine: Engine;
  /** for example 1.26.3 */
  version: string;
  /** for example 0.8.9 */
  njsVersion: string;
  /** where it came from, for people */
  source: string;
  /** the container image that holds it; the paths are inside */
  image?: string;
  /** more lines of the main context that it needs to start */
  main?: string;
}

/** One line for people: `A nginx 1.26.3 njs 0.8.9 (njs)`. */
export function describeNginx(nginx: Nginx): string {
  return `${nginx.target} nginx ${nginx.version} njs ${nginx.njsVersion} (${nginx.engine})`;
}
