// The njs types that src/ names, for the tests that run parts of it in Node: njs-types itself redefines Node's globals.

type CryptoKey = import('node:crypto').webcrypto.CryptoKey;
type CipherAlgorithm = import('node:crypto').webcrypto.AesGcmParams;
type SignOrVerifyAlgorithm = import('node:crypto').webcrypto.AlgorithmIdentifier;
type RsaHashedImportParams = import('node:crypto').webcrypto.RsaHashedImportParams;

interface NginxSubrequestOptions {
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  body?: string;
  args?: string;
  detached?: boolean;
}

interface NginxHTTPRequest {
  readonly method: string;
  readonly uri: string;
  readonly httpVersion: string;
  readonly remoteAddress: string;
  readonly status: number;
  readonly responseText?: string;
  readonly rawHeadersIn: [string, string][];
  readonly requestText?: string;
  readonly requestBuffer?: Buffer;
  readonly variables: Record<string, string | undefined>;
  readonly headersOut: {
    [name: string]: string | string[] | undefined;
    'Content-Type'?: string;
    'Content-Encoding'?: string;
    'Content-Length'?: string;
  };
  return(status: number, body?: string): void;
  internalRedirect(target: string): void;
  log(line: string): void;
  warn(line: string): void;
  error(line: string): void;
  subrequest(location: string, options: NginxSubrequestOptions): Promise<NginxHTTPRequest>;
}

interface NgxSharedDict<T> {
  keys(most?: number): string[];
  get(key: string): T | undefined;
  set(key: string, value: T, timeout?: number): void;
  add(key: string, value: T, timeout?: number): boolean;
  has(key: string): boolean;
  delete(key: string): boolean;
  freeSpace(): number;
  size(): number;
  readonly capacity: number;
}

declare const njs: { version_number: number };

declare const ngx: { conf_prefix: string; shared?: Record<string, NgxSharedDict<string>> };

declare function loadFlow(): typeof import('../src/flow').default;
