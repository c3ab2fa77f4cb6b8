// The njs types that src/ names, for the tests that run parts of it in Node: njs-types itself redefines Node's globals.

type CryptoKey = import('node:crypto').webcrypto.CryptoKey;
type CipherAlgorithm = import('node:crypto').webcrypto.AesGcmParams;
type SignOrVerifyAlgorithm = import('node:crypto').webcrypto.AlgorithmIdentifier;
type RsaHashedImportParams = import('node:crypto').webcrypto.RsaHashedImportParams;
