import { CertificateError } from '../certificate-error.ts'
import { DerCursor, contentOf } from '../der/cursor.ts'
import type { DerElement } from '../der/cursor.ts'
import { TAG, contextTag } from '../der/tag.ts'
import { readInteger, readOid, readSmallInteger } from '../der/values.ts'
import { MAX_LIST_LENGTH } from '../limits.ts'
import { readHashAlgorithm, readSignatureAlgorithm } from '../signature-algorithm.ts'
import type { SignatureAlgorithm } from '../signature-algorithm.ts'

export type SignerId =
  | { readonly kind: 'issuer-and-serial'; readonly issuer: Uint8Array; readonly serialNumber: bigint }
  | { readonly kind: 'key-id'; readonly keyId: Uint8Array }

/** The one SignerInfo of a timestamp token. */
export interface SignerInfo {
  readonly id: SignerId
  /** The hash of the content's digest in the signed attributes. */
  readonly digestHash: 'sha256' | 'sha384' | 'sha512'
  readonly algorithm: SignatureAlgorithm
  /** By OID, each with its single value. */
  readonly attributes: ReadonlyMap<string, DerElement>
  /** The signed bytes: the attributes as the SET that they are defined as. */
  readonly signedBytes: Uint8Array
  readonly signature: Uint8Array
}

const RSA_ENCRYPTION = '1.2.840.113549.1.1.1'

/**
 * Reads a SignerInfo. Signed attributes are required, each with exactly one value.
 *
 * @throws CertificateError CERTIFICATE_TIMESTAMP_INVALID, CERTIFICATE_ALGORITHM_REFUSED, CERTIFICATE_MALFORMED,
 *   CERTIFICATE_LIMIT_EXCEEDED
 * @see RFC 5652, 5.3
 */
export function readSignerInfo(cursor: DerCursor): SignerInfo {
  const version = readSmallInteger(cursor.read(TAG.INTEGER, 'version'), 'version of SignerInfo', 1, 3)
  const id = readSignerId(cursor)
  if ((version === 1) !== (id.kind === 'issuer-and-serial'))
    throw new CertificateError(
      'CERTIFICATE_TIMESTAMP_INVALID',
      'timestamp: version and identifier of the signer do not match',
    )
  const digestHash = readHashAlgorithm(cursor.enter(TAG.SEQUENCE, 'digest algorithm'))
  const attributes = cursor.read(contextTag(0), 'signed attributes')
  const named = readSignatureAlgorithm(cursor.enter(TAG.SEQUENCE, 'signature algorithm'))
  const signature = cursor.read(TAG.OCTET_STRING, 'signature').content
  cursor.readOptional(contextTag(1), 'unsigned attributes')
  cursor.end()
  // CMS may name only the key type; the digest algorithm then names the hash.
  const algorithm = named.oid === RSA_ENCRYPTION && digestHash ? (`rsa-pkcs1-${digestHash}` as const) : named.algorithm
  if (digestHash === undefined || algorithm === undefined)
    throw new CertificateError(
      'CERTIFICATE_ALGORITHM_REFUSED',
      'timestamp: digest or signature algorithm is not accepted',
    )
  return {
    id,
    digestHash,
    algorithm,
    attributes: readAttributes(attributes),
    signedBytes: asSet(attributes.raw),
    signature,
  }
}

function readSignerId(cursor: DerCursor): SignerId {
  const keyId = cursor.readOptional(contextTag(0, 'primitive'), 'key identifier')
  if (keyId) return { kind: 'key-id', keyId: keyId.content }
  const pair = cursor.enter(TAG.SEQUENCE, 'issuer and serial number')
  const issuer = pair.read(TAG.SEQUENCE, 'issuer').raw
  const serialNumber = readInteger(pair.read(TAG.INTEGER, 'serial number'))
  pair.end()
  return { kind: 'issuer-and-serial', issuer, serialNumber }
}

function readAttributes(element: DerElement): ReadonlyMap<string, DerElement> {
  const attributes = new Map<string, DerElement>()
  for (const attribute of new DerCursor(element.content, 'signed attributes').readAll(
    TAG.SEQUENCE,
    'attribute',
    MAX_LIST_LENGTH,
  )) {
    const fields = contentOf(attribute, 'signed attribute')
    const oid = readOid(fields.read(TAG.OBJECT_IDENTIFIER, 'type'))
    const values = fields.enter(TAG.SET, 'values')
    fields.end()
    const value = values.next('value')
    if (!values.isEmpty || attributes.has(oid))
      throw new CertificateError(
        'CERTIFICATE_TIMESTAMP_INVALID',
        `timestamp: expected one value of the signed attribute ${oid}`,
      )
    attributes.set(oid, value)
  }
  return attributes
}

/** "A separate encoding of the signedAttrs field is performed … an EXPLICIT SET OF tag is used." */
function asSet(raw: Uint8Array): Uint8Array {
  const set = Uint8Array.from(raw)
  set[0] = TAG.SET
  return set
}
