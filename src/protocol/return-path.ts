const most = 2000;

/**
 * Where to send a browser after sign-in: `uri` if it is plainly a path on this origin, else '/'.
 * @param uri path and query as the browser sent them
 */
export function safeReturnPath(uri: string): string {
  const encoded = uri.replace(/[^\x00-\x7f]+/g, (text) => Buffer.from(text).toString('hex').replace(/../g, '%$&'));
  if (!/^\/(?![/\\])[\x21-\x7e]*$/.test(encoded) || encoded.indexOf('\\') >= 0) {
    return '/';
  }
  const path = encoded.length > most ? (encoded.split(/[?#]/)[0] as string) : encoded;
  return path.length > most ? '/' : path;
}
