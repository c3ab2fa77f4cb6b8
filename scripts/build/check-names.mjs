import { readdir, readFile } from 'node:fs/promises';

/**
 * Every handler, location and $oidc_* variable must be in the code and in the templates, and every setting in the
 * documentation. Throws an Error that lists what is only in one of them.
 * @param root the repository, a URL
 */
export async function checkNames(root) {
  const read = (path) => readFile(new URL(path, root), 'utf8');
  const sources = await sourcesBelow(root, 'src/');
  const code = sources.join('\n');
  const files = ['openid_connect.server_conf', 'frontend.conf', 'openid_connect.store_location'];
  const templates = (await Promise.all(files.map((name) => read(`nginx/${name}`)))).join('\n');
  const documentation = await read('docs/configuration.md');

  const entries = await Promise.all(['src/index.ts', 'src/operator.ts'].map(read));
  const handlers = all(entries.join('\n'), /^ {2}(\w+)(?::|,)/gm);
  const served = all(templates, /js_(?:content|header_filter)\s+oidc(?:_operator)?\.(\w+)/g);
  const tables = (await read('src/config/settings.ts')) + (await read('src/config/page-settings.ts'));
  const settings = all(tables, /^ {2}(\w+): \w+[(<]/gm);
  const filled = /(?:js_var|auth_request_set|set(?= \$oidc_demands))\s+\$(oidc_\w+|access_token|id_token)/g;
  const internal = all(templates, filled).filter((name) => !/^oidc_claim_/.test(name));
  const misnamed = [...templates.matchAll(/auth_request_set\s+\$(\w+)\s+\$sent_http_(\w+);/g)]
    .filter(([, variable, header]) => variable !== header)
    .map(([, variable]) => `${variable}: variable in the templates that takes another one's header`);
  const read_ = all(code, /\b(?:variables|v)\.(oidc_\w+)/g);
  const known = [...settings.map((name) => `oidc_${name}`), ...internal];
  const named = all(templates, /\$(oidc_\w+)/g).filter((name) => !/^oidc_claim_/.test(name));

  const problems = [
    ...misnamed,
    ...only(handlers, served, 'handler in src/index.ts or src/operator.ts, but no location for it in the templates'),
    ...only(served, handlers, 'handler in the templates, but not in src/index.ts or src/operator.ts'),
    ...only(locationsOfCode(code), locationsOfTemplates(templates), 'location in src/, but not in the templates'),
    ...only(read_, known, 'variable in src/, but neither a setting nor declared in the templates'),
    ...only(named, known, 'variable in the templates, but not in src/'),
    ...only(
      settings.map((name) => `$oidc_${name}`),
      all(documentation, /(\$oidc_\w+)/g),
      'setting, but not in docs/configuration.md (npm run docs)',
    ),
    ...only(
      all(documentation, /`\$(oidc_[a-z_]+)`/g).filter((name) => !/^oidc_claim_/.test(name)),
      known,
      'variable in docs/configuration.md, but not in the code',
    ),
  ];
  if (problems.length > 0) {
    throw new Error(`names that do not agree:\n  ${problems.join('\n  ')}`);
  }
}

function all(text, pattern) {
  return [...new Set([...text.matchAll(pattern)].map((match) => match[1]))];
}

function only(names, others, what) {
  return names.filter((name) => !others.includes(name)).map((name) => `${name}: ${what}`);
}

/** Paths that the code calls, sends people to or answers at. */
function locationsOfCode(code) {
  return all(code, /['`}](\/(?:_[a-z_]+|logout|front_channel_logout))['`]/g);
}

/** Exact locations and prefixes, and the alternatives of the regular ones: ^/_(?:token|refresh)$. */
function locationsOfTemplates(templates) {
  const exact = all(templates, /location (?:=|\^~) (\/\w+)/g);
  const regular = all(templates, /location ~ \^\/_\(\?:([\w|]+)\)\$/g).flatMap((list) => list.split('|'));
  return [...exact, ...regular.map((name) => `/_${name}`)];
}

async function sourcesBelow(root, folder) {
  const entries = await readdir(new URL(folder, root), { withFileTypes: true, recursive: true });
  const isPlus = (entry) => /plus$/.test(entry.parentPath ?? entry.path); // NGINX Plus has templates of its own
  const files = entries.filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !isPlus(entry));
  return Promise.all(files.map((entry) => readFile(`${entry.parentPath ?? entry.path}/${entry.name}`, 'utf8')));
}
