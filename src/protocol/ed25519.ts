/**
 * Whether a signature of 64 bytes is by the public key of 32 bytes (RFC 8032 section 5.1.7). Nothing that is not canonical
 * verifies, nor a key of small order.
 */
export type VerifyEd25519 = (signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array) => boolean;

/** The scripts of one NGINX share an engine: openid_connect_eddsa.js leaves this for openid_connect.js. */
export interface SharedByScripts {
  oidcVerifyEd25519?: VerifyEd25519;
  /** Only QuickJS has it. */
  BigInt?: unknown;
}

/** undefined where openid_connect_eddsa.js is not imported. */
export function ed25519Verifier(): VerifyEd25519 | undefined {
  return (globalThis as SharedByScripts).oidcVerifyEd25519;
}

/** Why there is none, and what to do: the end of a sentence. */
export function whyNoEd25519(): string {
  return (globalThis as SharedByScripts).BigInt === undefined
    ? 'which this NGINX cannot verify: that takes QuickJS (js_engine qjs; Debian 13 has none). Have the provider sign with RS256 or ES256'
    : 'which takes openid_connect_eddsa.js: uncomment its js_import line in frontend.conf, or have the provider sign with RS256 or ES256';
}
