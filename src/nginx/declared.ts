/**
 * How the configuration declares a variable that is ours to fill: `header` by auth_request_set, which takes it from the
 * gate's answer; `script` by js_var, which only a script within the same request can set; undefined not at all.
 */
export function declaredBy(r: NginxHTTPRequest, name: string): 'header' | 'script' | undefined {
  const v = r.variables;
  if (v[name] !== undefined) {
    return 'script';
  }
  try {
    v[name] = '';
    return 'header';
  } catch {
    return undefined;
  }
}
