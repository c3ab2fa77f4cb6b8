// openid_connect_eddsa.js: signatures by Ed25519, which njs itself cannot verify. A file of its own, for QuickJS alone, because
// it needs BigInt and costs memory; frontend.conf imports it where the provider signs with EdDSA.

import { ed25519 } from '@noble/curves/ed25519.js';
import type { SharedByScripts, VerifyEd25519 } from '../protocol/ed25519';

// Without a table of multiples, which would take 800 KB for each JavaScript context, and 25 ms to make.
ed25519.Point.BASE.precompute(1);

/** Strict: ZIP 215, the library's default, lets pass what RFC 8032 forbids, and keys of small order. */
const verify: VerifyEd25519 = (signature, message, publicKey) =>
  ed25519.verify(new Uint8Array(signature), new Uint8Array(message), new Uint8Array(publicKey), { zip215: false });

(globalThis as SharedByScripts).oidcVerifyEd25519 = verify;

export default {};
