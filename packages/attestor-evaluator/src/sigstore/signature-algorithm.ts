import type { PublicKey, SignatureAlgorithm } from '@verify-images/x509'

export type HashName = 'sha224' | 'sha256' | 'sha384' | 'sha512'

const hashOfCurve: Readonly<Record<'P-256' | 'P-384' | 'P-521', HashName>> = {
  'P-256': 'sha256',
  'P-384': 'sha384',
  'P-521': 'sha512',
}

/** The hash a key signs with when nobody says another: by curve for ECDSA, SHA-256 for RSA. */
export function defaultHash(key: PublicKey): HashName {
  return key.kind === 'ec' ? hashOfCurve[key.curve] : 'sha256'
}

/** The algorithm of a key with a hash; Ed25519 has its own and takes none. */
export function algorithmOf(key: PublicKey, hash: HashName): SignatureAlgorithm {
  switch (key.kind) {
    case 'ec':
      return `ecdsa-${hash}`
    case 'rsa':
      return `rsa-pkcs1-${hash}`
    case 'ed25519':
      return 'ed25519'
  }
}
