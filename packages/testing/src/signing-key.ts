import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto'

export type KeyKind = 'P-256' | 'P-384' | 'P-521' | 'RSA-2048' | 'Ed25519'

/** A key pair that signs the way cosign does with a key of its kind. */
export interface SigningKey {
  readonly kind: KeyKind
  /** SPKI in PEM: what stands under `publicKeys` in a policy. */
  readonly publicKey: string
  /** DER for ECDSA, PKCS #1 v1.5 for RSA, over SHA-256. */
  readonly sign: (data: Uint8Array) => Uint8Array
}

export function createSigningKey(kind: KeyKind = 'P-256'): SigningKey {
  const { publicKey, privateKey } = generate(kind)
  return {
    kind,
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    sign: (data) => sign(kind === 'Ed25519' ? null : 'sha256', data, privateKey),
  }
}

function generate(kind: KeyKind): { readonly publicKey: KeyObject; readonly privateKey: KeyObject } {
  switch (kind) {
    case 'RSA-2048':
      return generateKeyPairSync('rsa', { modulusLength: 2048 })
    case 'Ed25519':
      return generateKeyPairSync('ed25519')
    case 'P-256':
    case 'P-384':
    case 'P-521':
      return generateKeyPairSync('ec', { namedCurve: kind })
  }
}
