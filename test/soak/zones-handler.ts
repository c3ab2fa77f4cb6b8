// Test-only handlers, run by NGINX: what is in the zones, and a zone that is nearly full.

const filler = 'filler:';

/** Free bytes, and how many entries of each kind. */
function room(r: NginxHTTPRequest): void {
  const zones: Record<string, { capacity: number; free: number; kinds: Record<string, number> }> = {};
  for (const name of Object.keys(ngx.shared as object)) {
    const zone = (ngx.shared as Record<string, NgxSharedDict<string>>)[name] as NgxSharedDict<string>;
    const kinds: Record<string, number> = {};
    for (const key of zone.keys(1e9)) {
      const kind = kindOf(name, key);
      kinds[kind] = (kinds[kind] || 0) + 1;
    }
    zones[name] = { capacity: zone.capacity, free: zone.freeSpace(), kinds };
  }
  r.return(200, JSON.stringify(zones));
}

/** What stands before the colon of a key; pieces of tokens have none. */
function kindOf(zone: string, key: string): string {
  if (zone === 'oidc_metrics') {
    return 'numbers';
  }
  return key.indexOf(':') < 0 ? 'tokens' : (key.split(':')[0] as string);
}

/** Fills the zone of sessions up, until this many bytes are free. */
function fill(r: NginxHTTPRequest): void {
  const zone = (ngx.shared as Record<string, NgxSharedDict<string>>).oidc_sessions as NgxSharedDict<string>;
  const left = Number(r.variables.arg_left);
  let number = 0;
  try {
    while (zone.freeSpace() > left) zone.add(`${filler}${number++}`, 'x'.repeat(3000));
  } catch {
    // full already
  }
  r.return(200, String(number));
}

function empty(r: NginxHTTPRequest): void {
  const zone = (ngx.shared as Record<string, NgxSharedDict<string>>).oidc_sessions as NgxSharedDict<string>;
  for (const key of zone.keys(1e9)) if (key.startsWith(filler)) zone.delete(key);
  r.return(200, '');
}

export default { room, fill, empty };
