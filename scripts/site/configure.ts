/** What to change in the shipped frontend.conf. Everything else stays as it is. */
export interface SiteChanges {
  /** variable, with or without `$`, to value: its `set` line must exist, commented lines are uncommented */
  set?: Record<string, string>;
  /** the same, but a variable that the file does not mention gets a new line after the include */
  alsoSet?: Record<string, string>;
  /** arguments of `listen`: '127.0.0.1:8010' */
  listen?: string | number;
  /** the upstream's `server`: '127.0.0.1:8080' */
  upstream?: string;
  /** arguments of `resolver` */
  resolver?: string;
  /** arguments of `access_log`; false removes the line: the log of http{} counts */
  accessLog?: string | false;
  /** argument of `js_engine`; false removes the line, for an njs that knows one engine only */
  jsEngine?: 'njs' | 'qjs' | false;
  /** address of the gate, in its upstream and its server: '127.0.0.1:8019' */
  gate?: string;
  /** variables whose `auth_request_set` lines are uncommented */
  variables?: string[];
  /** `proxy_set_header` lines: changed or uncommented where they exist, else added before `proxy_pass` */
  proxyHeaders?: Record<string, string>;
}

/** Changes values in the text of frontend.conf. Throws an Error that names what the text does not have. */
export function configureSite(frontendConf: string, changes: SiteChanges): string {
  let conf = frontendConf;
  for (const [name, value] of Object.entries(changes.set ?? {})) {
    conf = replaceLine(conf, setLine(name), `set $${bare(name)} ${quoted(value)};`);
  }
  for (const [name, value] of Object.entries(changes.alsoSet ?? {})) {
    const line = `set $${bare(name)} ${quoted(value)};`;
    conf = mentions(conf, setLine(name)) ? replaceLine(conf, setLine(name), line) : addAfterInclude(conf, line);
  }
  for (const name of changes.variables ?? []) {
    const line = `auth_request_set $${bare(name)} $sent_http_${bare(name)};`;
    conf = replaceLine(conf, `auth_request_set\\s+\\$${bare(name)}\\b[^;]*`, line);
  }
  for (const [name, value] of Object.entries(changes.proxyHeaders ?? {})) {
    const known = `proxy_set_header\\s+${name}\\s[^;]*`;
    const line = `proxy_set_header ${name} ${quoted(value)};`;
    conf = mentions(conf, known) ? replaceLine(conf, known, line) : addBeforeProxyPass(conf, line);
  }
  if (changes.jsEngine !== undefined) conf = setEngine(conf, changes.jsEngine);
  let [site, gate] = atGate(conf);
  if (changes.gate !== undefined)
    gate = replaceDirective(replaceDirective(gate, 'server', changes.gate), 'listen', changes.gate);
  if (changes.listen !== undefined) site = replaceDirective(site, 'listen', String(changes.listen));
  if (changes.upstream !== undefined) site = replaceDirective(site, 'server', changes.upstream);
  if (changes.accessLog !== undefined) site = setAccessLog(site, changes.accessLog);
  conf = site + gate;
  if (changes.resolver !== undefined) conf = replaceDirective(conf, 'resolver', changes.resolver);
  return conf;
}

/** The site's part of frontend.conf, and the gate's, which NGINX Plus does without. */
function atGate(conf: string): [string, string] {
  const at = conf.search(/^upstream oidc_gate/m);
  return at < 0 ? [conf, ''] : [conf.slice(0, at), conf.slice(at)];
}

/** Gives every line of a simple directive, comments apart, other arguments. Throws an Error when there is none. */
export function replaceDirective(conf: string, name: string, args: string): string {
  const pattern = new RegExp(`^([ \\t]*)${name}[ \\t]+[^;{}#\\n]+;`, 'gm');
  if (!pattern.test(conf)) throw new Error(`the configuration has no line "${name} ...;"`);
  return conf.replace(pattern, (_line, indent) => `${indent}${name} ${args};`);
}

function replaceLine(conf: string, pattern: string, line: string): string {
  const active = new RegExp(`^([ \\t]*)${pattern};`, 'm');
  const commented = new RegExp(`^([ \\t]*)#[ \\t]*${pattern};`, 'm');
  const found = [active, commented].find((one) => one.test(conf));
  if (!found) throw new Error(`the configuration has no line like: ${line}`);
  return conf.replace(found, (_line, indent) => indent + line);
}

function mentions(conf: string, pattern: string): boolean {
  return new RegExp(`^[ \\t]*(?:#[ \\t]*)?${pattern};`, 'm').test(conf);
}

function addAfterInclude(conf: string, line: string): string {
  const include = /^([ \t]*)include[ \t]+\S*openid_connect\.server_conf;.*$/m;
  if (!include.test(conf)) throw new Error('the configuration does not include openid_connect.server_conf');
  return conf.replace(include, (found, indent) => `${found}\n${indent}${line}`);
}

function addBeforeProxyPass(conf: string, line: string): string {
  const pass = /^([ \t]*)proxy_pass[ \t]/m;
  if (!pass.test(conf)) throw new Error('the configuration has no proxy_pass');
  return conf.replace(pass, (found, indent) => `${indent}${line}\n${found}`);
}

function setEngine(conf: string, engine: string | false): string {
  const line = /^[ \t]*js_engine[ \t]+[^;]+;.*\n/m;
  const script = engine === 'qjs' ? 'openid_connect.js' : 'openid_connect_njs.js';
  const without = conf
    .replace(line, '')
    .replace(/(js_import oidc from \S*)openid_connect(?:_njs)?\.js;/, `$1${script};`);
  return engine === false ? without : `js_engine ${engine};\n${without}`;
}

function setAccessLog(conf: string, args: string | false): string {
  return args === false
    ? conf.replace(/^[ \t]*access_log[ \t]+[^;]+;.*\n/m, '')
    : replaceDirective(conf, 'access_log', args);
}

function setLine(name: string): string {
  return `set\\s+\\$${bare(name)}\\s+(?:"(?:[^"\\\\]|\\\\.)*"|[^\\s;"]+)\\s*`;
}

function bare(name: string): string {
  return name.replace(/^\$/, '');
}

/** A value as nginx reads it; `$` stays what it is there: the start of a variable. */
function quoted(value: string): string {
  if (/[\0\r\n]/.test(value)) throw new Error('a value cannot hold a line break');
  return `"${value.replace(/["\\]/g, '\\$&')}"`;
}
