/** Joins a page, its log line and, where the log_format has `$oidc_reference`, the access log. */
export function referenceOf(r: NginxHTTPRequest): string {
  const v = r.variables;
  // $request_id is another one each time it is read, unless the configuration uses it.
  v.oidc_reference = v.oidc_reference || (v.request_id || '').slice(0, 12);
  return v.oidc_reference;
}
