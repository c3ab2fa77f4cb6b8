import { readBytes } from './local-file';

/**
 * The body of a request that js_content answers, byte for byte: from memory, or from the file that NGINX writes what is
 * over client_body_buffer_size to. undefined when it is longer than `most` bytes.
 */
export function requestBody(r: NginxHTTPRequest, most: number): Buffer | undefined {
  const file = r.variables.request_body_file;
  if (file) {
    return readBytes(file, most);
  }
  const body = (r.requestBuffer || Buffer.alloc(0)) as Buffer;
  return body.length > most ? undefined : body;
}
