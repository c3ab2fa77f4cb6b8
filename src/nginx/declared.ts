export type Declared = 'header' | 'script' | undefined;

/** The configuration's word holds as long as the worker: told once, where the engine keeps a module. Bounded, because claims have any name. */
let known: Record<string, { by: Declared }> = Object.create(null);
let names = 0;
const mostNames = 500;

/**
 * How the configuration declares a variable that is ours to fill: `header` by auth_request_set, which takes it from the
 * gate's answer; `script` by js_var, which only a script within the same request can set; undefined not at all.
 */
export function declaredBy(r: NginxHTTPRequest, name: string): Declared {
  const told = known[name];
  if (told) {
    return told.by;
  }
  if (names++ >= mostNames) {
    known = Object.create(null);
    names = 1;
  }
  const by = ask(r.variables, name);
  known[name] = { by };
  return by;
}

function ask(v: NginxHTTPRequest['variables'], name: string): Declared {
  if (v[name] !== undefined) {
    return 'script';
  }
  try {
    v[name] = ''; // nothing else tells a variable that is not set from one that does not exist
    return 'header';
  } catch {
    return undefined;
  }
}
