import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A private authority in a new folder: `authority.pem`, and `<name>.pem` with `<name>.key` for each name that it vouches for. */
export function createCertificates(names: string[]): { folder: string; authority: string } {
  const folder = mkdtempSync(join(tmpdir(), 'certificates-'));
  chmodSync(folder, 0o755);
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  const key = (name: string) => [
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-keyout',
    `${name}.key`,
  ];
  openssl('req', '-x509', ...key('authority'), '-out', 'authority.pem', '-days', '2', '-subj', '/CN=Private authority');
  for (const name of names) {
    openssl('req', ...key(name), '-out', `${name}.request`, '-subj', `/CN=${name}`);
    const address = /^[\d.]+$/.test(name) ? `,IP:${name}` : ''; // NGINX compares an address with DNS names
    writeFileSync(join(folder, `${name}.extensions`), `subjectAltName=DNS:${name}${address}\n`);
    const signer = ['-CA', 'authority.pem', '-CAkey', 'authority.key', '-CAcreateserial', '-days', '2'];
    openssl(
      'x509',
      '-req',
      '-in',
      `${name}.request`,
      ...signer,
      '-extfile',
      `${name}.extensions`,
      '-out',
      `${name}.pem`,
    );
    chmodSync(join(folder, `${name}.key`), 0o644);
  }
  return { folder, authority: readFileSync(join(folder, 'authority.pem'), 'utf8') };
}
