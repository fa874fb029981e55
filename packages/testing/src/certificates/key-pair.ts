import { generateKeyPairSync, sign } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { der } from './der-writer.ts'

export type KeyType = 'P-256' | 'P-384' | 'P-521' | 'rsa' | 'ed25519'

/** A signing key and the AlgorithmIdentifier that announces its signatures; tests may make the two disagree. */
export interface Signer {
  readonly algorithm: Uint8Array
  sign(data: Uint8Array): Uint8Array
}

export interface KeyPair extends Signer {
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
  /** The DER of the `SubjectPublicKeyInfo`. */
  readonly spki: Uint8Array
}

const SIGNING: Readonly<Record<KeyType, { readonly oid: string; readonly hash: string | null }>> = {
  'P-256': { oid: '1.2.840.10045.4.3.2', hash: 'sha256' },
  'P-384': { oid: '1.2.840.10045.4.3.3', hash: 'sha384' },
  'P-521': { oid: '1.2.840.10045.4.3.4', hash: 'sha512' },
  rsa: { oid: '1.2.840.113549.1.1.11', hash: 'sha256' },
  ed25519: { oid: '1.3.101.112', hash: null },
}

/** Generates a key pair. RSA keys are slow to generate: share one between tests. */
export function makeKeyPair(type: KeyType = 'P-256'): KeyPair {
  const { oid } = SIGNING[type]
  return { ...generate(type), algorithm: der.sequence(der.oid(oid), ...(type === 'rsa' ? [der.null()] : [])) }
}

function generate(type: KeyType): Omit<KeyPair, 'algorithm'> {
  const pair =
    type === 'rsa'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : type === 'ed25519'
        ? generateKeyPairSync('ed25519')
        : generateKeyPairSync('ec', { namedCurve: type })
  return withKeys(pair.privateKey, pair.publicKey, SIGNING[type].hash)
}

/** Wraps keys generated elsewhere, such as RSA keys of another size or keys on a curve that is rejected. */
export function withKeys(privateKey: KeyObject, publicKey: KeyObject, hash: string | null): Omit<KeyPair, 'algorithm'> {
  return {
    privateKey,
    publicKey,
    spki: Uint8Array.from(publicKey.export({ type: 'spki', format: 'der' })),
    sign: (data): Uint8Array => Uint8Array.from(sign(hash, data, privateKey)),
  }
}
