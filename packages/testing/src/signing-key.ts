import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import { oneOf, withMethods, type OptionKind } from '@verify-images/primitives'
import { checkValue } from './check-options.ts'

const KEY_KINDS = ['P-256', 'P-384', 'P-521', 'RSA-2048', 'RSA-3072', 'RSA-4096', 'Ed25519'] as const
const HASH_NAMES = ['sha256', 'sha384', 'sha512'] as const

export type KeyKind = (typeof KEY_KINDS)[number]
export type HashName = (typeof HASH_NAMES)[number]

export const aKeyKind: OptionKind = oneOf(...KEY_KINDS)
export const aHashName: OptionKind = oneOf(...HASH_NAMES)
export const aSigningKey: OptionKind = withMethods('a key', 'sign')

/** A key pair that signs the way cosign does with a key of its kind. */
export interface SigningKey {
  readonly kind: KeyKind
  /** SPKI in PEM: the value of `publicKeys` in a policy. */
  readonly publicKey: string
  /** The same key in DER. */
  readonly spki: Uint8Array
  readonly privateKey: KeyObject
  /**
   * Signs with ECDSA in DER, RSA in PKCS #1 v1.5, or Ed25519, which ignores `hash`. Default: SHA-256.
   */
  readonly sign: (data: Uint8Array, hash?: HashName) => Uint8Array
}

/** @throws RangeError for anything but a key */
export function assertSigningKey(key: unknown): asserts key is SigningKey {
  checkValue(key, aSigningKey, 'key')
}

/**
 * Generates a key. RSA keys are slow to generate: share one between tests.
 *
 * @throws RangeError for an unknown kind
 */
export function createSigningKey(kind: KeyKind = 'P-256'): SigningKey {
  checkValue(kind, aKeyKind, 'kind')
  const { publicKey, privateKey } = generate(kind)
  return {
    kind,
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    spki: publicKey.export({ type: 'spki', format: 'der' }),
    privateKey,
    sign: (data, hash = 'sha256') => sign(kind === 'Ed25519' ? null : hash, data, privateKey),
  }
}

function generate(kind: KeyKind): { readonly publicKey: KeyObject; readonly privateKey: KeyObject } {
  switch (kind) {
    case 'RSA-2048':
    case 'RSA-3072':
    case 'RSA-4096':
      return generateKeyPairSync('rsa', { modulusLength: Number(kind.slice('RSA-'.length)) })
    case 'Ed25519':
      return generateKeyPairSync('ed25519')
    case 'P-256':
    case 'P-384':
    case 'P-521':
      return generateKeyPairSync('ec', { namedCurve: kind })
  }
}
