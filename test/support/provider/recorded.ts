import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';

/** A request as it came. */
export interface Recorded {
  /** `/metadata` for the discovery document, else the path */
  endpoint: string;
  method: string;
  /** the request target */
  url: string;
  headers: IncomingMessage['headers'];
  rawHeaders: string[];
  query: URLSearchParams;
  body: string;
  form: URLSearchParams;
  /** SHA-256 fingerprint of the certificate that came with it */
  certificate: string | undefined;
  /** milliseconds since the epoch */
  at: number;
}

export const discoveryPath = '/.well-known/openid-configuration';

/** The name that an endpoint is recorded under. */
export function endpointOf(path: string): string {
  return path.endsWith(discoveryPath) ? '/metadata' : path;
}

function certificateOf({ socket }: IncomingMessage): string | undefined {
  return socket instanceof TLSSocket ? socket.getPeerCertificate().fingerprint256 : undefined;
}

/** Reads a request to its end. Rejects when the client leaves before. */
export async function recordedOf(request: IncomingMessage): Promise<Recorded> {
  const at = Date.now();
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const { method = '', url = '/', headers, rawHeaders } = request;
  const [path = '/', ...query] = url.split('?');
  const body = Buffer.concat(chunks).toString();
  return {
    endpoint: endpointOf(path),
    method,
    url,
    headers,
    rawHeaders,
    query: new URLSearchParams(query.join('?')),
    body,
    form: new URLSearchParams(body),
    certificate: certificateOf(request),
    at,
  };
}
