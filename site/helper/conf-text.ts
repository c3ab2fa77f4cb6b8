/** Takes the comment marks away from the lines that `pattern` finds. Throws an Error where there are none. */
export function uncomment(conf: string, pattern: RegExp): string {
  let found = false;
  const changed = conf.replace(pattern, (lines: string) => {
    found = true;
    return withoutMarks(lines);
  });
  if (!found) throw new Error(`the template has no commented lines like ${pattern.source}`);
  return changed;
}

/** A commented `location` of a template, comment marks taken away. Throws an Error where there is none. */
export function commentedLocation(conf: string, name: string): string {
  const [lines] = commentedBlock(name).exec(conf) ?? [];
  if (lines === undefined) throw new Error(`the template has no commented location ${name}`);
  return withoutMarks(lines);
}

/** Finds `# location NAME {` to the `# }` of the same depth. */
export function commentedBlock(name: string): RegExp {
  return new RegExp(`^( *)# location ${name} \\{\\n(?:\\1# {2,}.*\\n|\\1#\\n)*\\1# \\}$`, 'm');
}

/** Puts lines before those that `pattern` finds first. Throws an Error where there are none. */
export function insertBefore(conf: string, pattern: RegExp, lines: string): string {
  const at = conf.search(pattern);
  if (at < 0) throw new Error(`the template has no line like ${pattern.source}`);
  return conf.slice(0, at) + lines + conf.slice(at);
}

/** Another text for each place that `pattern` finds. Throws an Error where there is none. */
export function replaceFound(conf: string, pattern: RegExp, text: string): string {
  if (conf.search(pattern) < 0) throw new Error(`the template has nothing like ${pattern.source}`);
  return conf.replace(pattern, () => text);
}

function withoutMarks(lines: string): string {
  return lines.replace(/^( *)# ?/gm, '$1');
}
