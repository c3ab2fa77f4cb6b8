// dist/openid_connect_store.js: run by the stream module between NGINX and Redis or Valkey (openid_connect.store_conf).

import hashes from 'crypto';
import { createAdapter } from './adapter';
import { type ScriptName, scripts } from './scripts';

/** The older engine gives no memory back before a connection ends, and takes some ten times what is carried. */
const most = njs.engine === 'QuickJS' ? Number.POSITIVE_INFINITY : 131072;

/** Turns requests for /_oidc_store into commands, and the store's answers back. */
function speak(s: NginxStreamRequest): void {
  const known: { [script in ScriptName]?: string } = {};
  const adapter = createAdapter({
    most,
    now: Date.now,
    hash: (name) => {
      const hash = known[name] || hashes.createHash('sha1').update(scripts[name]).digest('hex');
      known[name] = hash;
      return hash;
    },
    toStore: (data) => s.sendUpstream(data, { flush: true }),
    toClient: (data) => s.sendDownstream(data, { flush: true }),
  });
  s.on('upload', (data, flags) => {
    adapter.fromClient(data);
    if (flags.last) {
      s.sendUpstream('', flags);
    }
  });
  s.on('download', (data, flags) => {
    adapter.fromStore(data);
    if (flags.last) {
      s.sendDownstream('', flags);
    }
  });
}

export default { speak };
