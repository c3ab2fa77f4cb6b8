/** A shipped file with commented lines taken in, as an operator would. Throws an Error where none of the lines matches. */
export function uncommented(conf: string, line: RegExp): string {
  const commented = new RegExp(`^( *)# (${line.source})$`, 'gm');
  if (!commented.test(conf)) throw new Error(`no commented line like ${line.source}`);
  return conf.replace(commented, '$1$2');
}
