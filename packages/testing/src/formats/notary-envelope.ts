import { constants, createHash, sign } from 'node:crypto'
import { contentOf, type Content, type Descriptor } from '../content.ts'
import type { HashName, KeyKind } from '../signing-key.ts'
import type { CertifiedKey } from '../signing/certified-key.ts'
import { base64 } from './dsse.ts'
import { CborTag, encodeCbor, type CborValue } from './cbor.ts'
import { creationTime } from './referrer.ts'

/** A Notary Project signature to make: the signer, and the attributes that are signed with the target. */
export interface NotarySigning {
  readonly key: CertifiedKey
  readonly at: Date
  readonly expiresAt?: Date
  readonly metadata?: Readonly<Record<string, string>>
  /** Applied to the raw signature. */
  readonly alter: (signature: Uint8Array) => Uint8Array
  readonly timestampToken?: (bytes: Uint8Array) => Uint8Array
}

/** The Notary Project allows one algorithm for each kind of key. */
const ALGORITHMS: ReadonlyMap<KeyKind, { readonly jws: string; readonly cose: number; readonly hash: HashName }> =
  new Map([
    ['RSA-2048', { jws: 'PS256', cose: -37, hash: 'sha256' }],
    ['RSA-3072', { jws: 'PS384', cose: -38, hash: 'sha384' }],
    ['RSA-4096', { jws: 'PS512', cose: -39, hash: 'sha512' }],
    ['P-256', { jws: 'ES256', cose: -7, hash: 'sha256' }],
    ['P-384', { jws: 'ES384', cose: -35, hash: 'sha384' }],
    ['P-521', { jws: 'ES512', cose: -36, hash: 'sha512' }],
  ])

const SCHEME = 'io.cncf.notary.signingScheme'
const SIGNING_TIME = 'io.cncf.notary.signingTime'
const EXPIRY = 'io.cncf.notary.expiry'
const TIMESTAMP = 'io.cncf.notary.timestampSignature'
const AGENT = { 'io.cncf.notary.signingAgent': 'verify-images-testing' } as const
const PAYLOAD_TYPE = 'application/vnd.cncf.notary.payload.v1+json'

/**
 * Makes a JWS envelope over a descriptor, in flattened JSON.
 *
 * @throws RangeError for an Ed25519 key, which the Notary Project does not support
 * @see Notary Project, JWS signature envelope
 */
export function makeJwsEnvelope(target: Descriptor, signing: NotarySigning): Content {
  const { key, at, expiresAt } = signing
  const header = {
    alg: algorithmOf(key).jws,
    crit: [SCHEME, ...(expiresAt ? [EXPIRY] : [])],
    cty: PAYLOAD_TYPE,
    [SCHEME]: 'notary.x509',
    [SIGNING_TIME]: creationTime(at),
    ...(expiresAt && { [EXPIRY]: creationTime(expiresAt) }),
  }
  const [payload, protectedHeader] = [payloadOf(target, signing), Buffer.from(JSON.stringify(header))].map(base64Url)
  const signature = rawSignature(Buffer.from(`${String(protectedHeader)}.${String(payload)}`), signing)
  return contentOf(
    'application/jose+json',
    Buffer.from(
      JSON.stringify({
        payload,
        protected: protectedHeader,
        header: {
          x5c: certificatesOf(key).map(base64),
          ...AGENT,
          ...(signing.timestampToken && { [TIMESTAMP]: base64(signing.timestampToken(signature)) }),
        },
        signature: base64Url(signature),
      }),
    ),
  )
}

/**
 * Makes a COSE_Sign1 envelope over a descriptor.
 *
 * @throws RangeError for an Ed25519 key, which the Notary Project does not support
 * @see Notary Project, COSE signature envelope; RFC 9052, 4.2 and 4.4
 */
export function makeCoseEnvelope(target: Descriptor, signing: NotarySigning): Content {
  const { key, at, expiresAt, timestampToken } = signing
  const protectedHeader = encodeCbor(
    new Map<number | string, CborValue>([
      [1, algorithmOf(key).cose],
      [2, [SCHEME, ...(expiresAt ? [EXPIRY] : [])]],
      [3, PAYLOAD_TYPE],
      [SCHEME, 'notary.x509'],
      [SIGNING_TIME, epoch(at)],
      ...(expiresAt ? [[EXPIRY, epoch(expiresAt)] as const] : []),
    ]),
  )
  const payload = payloadOf(target, signing)
  const signature = rawSignature(encodeCbor(['Signature1', protectedHeader, new Uint8Array(), payload]), signing)
  const unprotected = new Map<number | string, CborValue>([
    [33, certificatesOf(key)],
    ...Object.entries(AGENT),
    ...(timestampToken ? [[TIMESTAMP, timestampToken(signature)] as const] : []),
  ])
  return contentOf('application/cose', encodeCbor(new CborTag(18, [protectedHeader, unprotected, payload, signature])))
}

/** Returns the value of the thumbprint annotation: a JSON array with the SHA-256 fingerprint of each certificate. */
export function thumbprints(key: CertifiedKey): string {
  return JSON.stringify(certificatesOf(key).map((der) => createHash('sha256').update(der).digest('hex')))
}

function payloadOf(target: Descriptor, { metadata }: NotarySigning): Uint8Array {
  const { mediaType, digest, size } = target
  return Buffer.from(
    JSON.stringify({ targetArtifact: { mediaType, digest, size, ...(metadata && { annotations: metadata }) } }),
  )
}

function algorithmOf({ kind }: CertifiedKey): { readonly jws: string; readonly cose: number; readonly hash: HashName } {
  const found = ALGORITHMS.get(kind)
  if (found === undefined)
    throw new RangeError(`key of a Notary Project signature: expected an RSA or NIST curve key, got ${kind}`)
  return found
}

function rawSignature(data: Uint8Array, { key, alter }: NotarySigning): Uint8Array {
  const form = key.kind.startsWith('RSA')
    ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
    : { dsaEncoding: 'ieee-p1363' as const }
  return alter(sign(algorithmOf(key).hash, data, { key: key.privateKey, ...form }))
}

function certificatesOf({ certificates: { leaf, issuers } }: CertifiedKey): readonly Uint8Array[] {
  return [leaf, ...issuers].map(({ der }) => der)
}

function epoch(at: Date): CborTag {
  return new CborTag(1, Math.floor(at.getTime() / 1000))
}

function base64Url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url')
}
