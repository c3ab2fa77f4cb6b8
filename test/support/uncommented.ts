/** A shipped file with commented lines taken in, as an operator would. Throws an Error where none of the lines matches. */
export function uncommented(conf: string, line: RegExp): string {
  const commented = new RegExp(`^( *)# (${line.source})$`, 'gm');
  if (!commented.test(conf)) throw new Error(`no commented line like ${line.source}`);
  return conf.replace(commented, '$1$2');
}

/** The same for a whole location: `location = /_oidc_check`. */
export function withLocation(conf: string, location: string): string {
  const block = new RegExp(`^# location ${location.replace(/^location /, '')} \\{\\n(?:# .*\\n)*?# \\}`, 'm');
  if (!block.test(conf)) throw new Error(`no commented ${location}`);
  return conf.replace(block, (lines) => lines.replaceAll(/^# /gm, ''));
}
