import { X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SceneOptions } from '../security/site';
import { createCertificates } from './certificates';

/** What a site needs whose people and whose provider are reached by https alone. */
export interface TlsScene {
  options: SceneOptions;
  /** SHA-256 fingerprint of the certificate `client` */
  fingerprint: string;
  /** writes a file that the workers read; its path */
  file(name: string, text: string): string;
}

/** @param showsCertificate whether NGINX shows the certificate `client` to the provider */
export function tlsScene({ showsCertificate = false } = {}): TlsScene {
  const { folder, authority } = createCertificates(['127.0.0.1', 'client']);
  const read = (name: string) => readFileSync(join(folder, name), 'utf8');
  const tls = { cert: read('127.0.0.1.pem'), key: read('127.0.0.1.key') };
  const lines = 'proxy_ssl_certificate client.pem;\nproxy_ssl_certificate_key client.key;\n';
  return {
    options: {
      provider: { tls },
      tls,
      authority,
      files: { 'authority.pem': authority, 'client.pem': read('client.pem'), 'client.key': read('client.key') },
      editServer: (conf) =>
        conf.replace('/etc/ssl/certs/ca-certificates.crt', 'authority.pem') + (showsCertificate ? lines : ''),
      changes: { alsoSet: { oidc_insecure_http_provider: '0' } },
    },
    fingerprint: new X509Certificate(read('client.pem')).fingerprint256,
    file(name, text) {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    },
  };
}
