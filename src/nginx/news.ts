const lasts = 3_600_000;

/**
 * Whether something is to be told: once an hour over all workers, so that what each page finds again does not fill the log.
 * Without the zone `oidc_provider`, or room in it, it is told each time.
 */
export function isNews(what: string): boolean {
  try {
    const zone = ngx.shared?.oidc_provider as NgxSharedDict<string> | undefined;
    return zone?.add(`n:${what}`, '1', lasts) !== false;
  } catch {
    return true;
  }
}
