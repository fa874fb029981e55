import type { DerCursor } from './der/cursor.ts'
import { TAG, contextTag } from './der/tag.ts'
import { readInteger, readOid } from './der/values.ts'

export type HashName = 'sha224' | 'sha256' | 'sha384' | 'sha512'

/** SHA-224 occurs with plain keys only: no certificate signed with it is accepted. */
export type SignatureAlgorithm =
  `ecdsa-${HashName}` | `rsa-pkcs1-${HashName}` | `rsa-pss-${HashName}` | 'ed25519' | 'ed25519ph'

/** An AlgorithmIdentifier: its OID, and the algorithm if we accept it. */
export interface NamedAlgorithm {
  readonly oid: string
  /** Absent for everything that is not on the list of accepted algorithms. */
  readonly algorithm?: SignatureAlgorithm
}

type CertificateHash = Exclude<HashName, 'sha224'>

const HASHES: ReadonlyMap<string, CertificateHash> = new Map([
  ['2.16.840.1.101.3.4.2.1', 'sha256'],
  ['2.16.840.1.101.3.4.2.2', 'sha384'],
  ['2.16.840.1.101.3.4.2.3', 'sha512'],
])

const DIGEST_BYTES: Readonly<Record<HashName, number>> = { sha224: 28, sha256: 32, sha384: 48, sha512: 64 }

/** Whether parameters are absent (as RFC 5758 and RFC 8410 want) or may be NULL (as RFC 4055 wants). */
const ALGORITHMS: ReadonlyMap<
  string,
  { readonly algorithm: SignatureAlgorithm; readonly parameters: 'absent' | 'null' }
> = new Map([
  ['1.2.840.113549.1.1.11', { algorithm: 'rsa-pkcs1-sha256', parameters: 'null' }],
  ['1.2.840.113549.1.1.12', { algorithm: 'rsa-pkcs1-sha384', parameters: 'null' }],
  ['1.2.840.113549.1.1.13', { algorithm: 'rsa-pkcs1-sha512', parameters: 'null' }],
  ['1.2.840.10045.4.3.2', { algorithm: 'ecdsa-sha256', parameters: 'absent' }],
  ['1.2.840.10045.4.3.3', { algorithm: 'ecdsa-sha384', parameters: 'absent' }],
  ['1.2.840.10045.4.3.4', { algorithm: 'ecdsa-sha512', parameters: 'absent' }],
  ['1.3.101.112', { algorithm: 'ed25519', parameters: 'absent' }],
])

const RSA_PSS = '1.2.840.113549.1.1.10'
const MGF1 = '1.2.840.113549.1.1.8'

export function digestBytes(hash: HashName): number {
  return DIGEST_BYTES[hash]
}

/**
 * Reads a signature's AlgorithmIdentifier from a cursor over its content.
 *
 * An OID that is not on the list has no `algorithm`. It must not reach the crypto library: there, "no digest named"
 * means "the default digest of this key", so that a certificate labelled with anything would verify.
 *
 * @throws CertificateError CERTIFICATE_MALFORMED
 */
export function readSignatureAlgorithm(cursor: DerCursor): NamedAlgorithm {
  const oid = readOid(cursor.read(TAG.OBJECT_IDENTIFIER, 'algorithm'))
  if (oid === RSA_PSS) {
    const hash = readPssHash(cursor)
    return hash ? { oid, algorithm: `rsa-pss-${hash}` } : { oid }
  }
  const known = ALGORITHMS.get(oid)
  const parameters = cursor.isEmpty ? 'absent' : cursor.next('parameters').tag === TAG.NULL ? 'null' : 'other'
  cursor.end()
  return known && (parameters === 'absent' || parameters === known.parameters)
    ? { oid, algorithm: known.algorithm }
    : { oid }
}

/**
 * Reads a hash's AlgorithmIdentifier; `undefined` for everything below SHA-256.
 *
 * @throws CertificateError CERTIFICATE_MALFORMED
 */
export function readHashAlgorithm(cursor: DerCursor): CertificateHash | undefined {
  const hash = HASHES.get(readOid(cursor.read(TAG.OBJECT_IDENTIFIER, 'hash')))
  const parameters = cursor.isEmpty ? undefined : cursor.next('parameters').tag
  cursor.end()
  return parameters === undefined || parameters === TAG.NULL ? hash : undefined
}

/**
 * The hash of RSASSA-PSS parameters. One bucket only, as in Go: MGF1 with the same hash, a salt as long as the hash,
 * the standard trailer. The defaults of the syntax are SHA-1 and so never accepted.
 *
 * @see RFC 4055, 3.1
 */
function readPssHash(algorithm: DerCursor): CertificateHash | undefined {
  if (algorithm.nextTag !== TAG.SEQUENCE) return undefined
  const parameters = algorithm.enter(TAG.SEQUENCE, 'PSS parameters')
  algorithm.end()
  const hash = parameters.enterOptional(contextTag(0), 'hash')?.enter(TAG.SEQUENCE, 'hash')
  const mask = parameters.enterOptional(contextTag(1), 'mask generation')?.enter(TAG.SEQUENCE, 'mask generation')
  const salt = parameters.enterOptional(contextTag(2), 'salt length')?.read(TAG.INTEGER, 'salt length')
  const trailer = parameters.enterOptional(contextTag(3), 'trailer')?.read(TAG.INTEGER, 'trailer')
  parameters.end()
  if (!hash || !mask || !salt || (trailer && readInteger(trailer) !== 1n)) return undefined
  const name = readHashAlgorithm(hash)
  const maskFunction = readOid(mask.read(TAG.OBJECT_IDENTIFIER, 'mask generation'))
  if (name === undefined || maskFunction !== MGF1 || mask.nextTag !== TAG.SEQUENCE) return undefined
  const maskHash = readHashAlgorithm(mask.enter(TAG.SEQUENCE, 'mask hash'))
  return maskHash === name && readInteger(salt) === BigInt(digestBytes(name)) ? name : undefined
}
