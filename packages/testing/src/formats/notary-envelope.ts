import { constants, createHash, sign, type KeyObject } from 'node:crypto'
import { encode, Tag } from 'cbor2'
import { contentOf, jsonContent, type Content, type Descriptor } from '../content.ts'
import type { CertifiedKey } from '../signing/certified-key.ts'
import { base64 } from './dsse.ts'
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

/** The algorithms of the Notary Project by their names in JWS, each for one kind of key. */
const ALGORITHMS = {
  PS256: { key: 'RSA-2048', cose: -37, hash: 'sha256' },
  PS384: { key: 'RSA-3072', cose: -38, hash: 'sha384' },
  PS512: { key: 'RSA-4096', cose: -39, hash: 'sha512' },
  ES256: { key: 'P-256', cose: -7, hash: 'sha256' },
  ES384: { key: 'P-384', cose: -35, hash: 'sha384' },
  ES512: { key: 'P-521', cose: -36, hash: 'sha512' },
} as const

export type NotaryAlgorithm = keyof typeof ALGORITHMS

const NOTARY_ALGORITHMS = ['PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512'] as const

const NOTARY = {
  SCHEME: 'io.cncf.notary.signingScheme',
  SIGNING_TIME: 'io.cncf.notary.signingTime',
  EXPIRY: 'io.cncf.notary.expiry',
  TIMESTAMP: 'io.cncf.notary.timestampSignature',
  AGENT: 'io.cncf.notary.signingAgent',
} as const

export const NOTARY_PAYLOAD_TYPE = 'application/vnd.cncf.notary.payload.v1+json'
export const JWS_MEDIA_TYPE = 'application/jose+json'
export const COSE_MEDIA_TYPE = 'application/cose'

/** What both envelopes contain, and who signs them. */
export interface EnvelopeParts {
  readonly payload: Uint8Array
  readonly algorithm: NotaryAlgorithm
  readonly privateKey: KeyObject
  /** DER, signer first. */
  readonly certificates: readonly Uint8Array[]
  readonly at: Date
  readonly expiresAt?: Date | undefined
  /** Applied to the raw signature. */
  readonly alter?: (signature: Uint8Array) => Uint8Array
  readonly timestampToken?: ((bytes: Uint8Array) => Uint8Array) | undefined
}

/** Changes of a JWS envelope, for tests of its reader. A header member that is `undefined` is left out. */
export interface JwsChanges {
  readonly header?: Readonly<Record<string, unknown>>
  readonly unprotected?: Readonly<Record<string, unknown>>
}

/**
 * Makes a JWS envelope, in flattened JSON.
 *
 * @see Notary Project, JWS signature envelope
 */
export function makeJws(parts: EnvelopeParts, { header, unprotected }: JwsChanges = {}): Record<string, unknown> {
  const { payload, algorithm, certificates, at, expiresAt, timestampToken } = parts
  const claims = {
    alg: algorithm,
    crit: [NOTARY.SCHEME, ...(expiresAt ? [NOTARY.EXPIRY] : [])],
    cty: NOTARY_PAYLOAD_TYPE,
    [NOTARY.SCHEME]: 'notary.x509',
    [NOTARY.SIGNING_TIME]: creationTime(at),
    ...(expiresAt && { [NOTARY.EXPIRY]: creationTime(expiresAt) }),
    ...header,
  }
  const signed = { payload: base64Url(payload), protected: base64Url(Buffer.from(JSON.stringify(claims))) }
  const signature = rawSignature(Buffer.from(`${signed.protected}.${signed.payload}`), parts)
  return {
    ...signed,
    header: {
      x5c: certificates.map(base64),
      [NOTARY.AGENT]: AGENT,
      ...(timestampToken && { [NOTARY.TIMESTAMP]: base64(timestampToken(signature)) }),
      ...unprotected,
    },
    signature: base64Url(signature),
  }
}

/** Changes of a COSE envelope, for tests of its reader. A header member that is `undefined` is left out. */
export interface CoseChanges {
  /** `null` detaches the payload. */
  readonly payload?: null
  readonly header?: ReadonlyMap<unknown, unknown>
  readonly unprotected?: ReadonlyMap<unknown, unknown>
  /** Changes the encoded protected header. */
  readonly protectedBytes?: (honest: Uint8Array) => Uint8Array
  /** `null` leaves the tag out. */
  readonly tag?: number | null
}

/**
 * Makes a COSE_Sign1 envelope.
 *
 * @see Notary Project, COSE signature envelope; RFC 9052, 4.2 and 4.4
 */
export function makeCose(parts: EnvelopeParts, changes: CoseChanges = {}): Uint8Array {
  const { algorithm, certificates, at, expiresAt, timestampToken } = parts
  const claims = encodeCbor(
    merged(
      [
        [1, ALGORITHMS[algorithm].cose],
        [2, [NOTARY.SCHEME, ...(expiresAt ? [NOTARY.EXPIRY] : [])]],
        [3, NOTARY_PAYLOAD_TYPE],
        [NOTARY.SCHEME, 'notary.x509'],
        [NOTARY.SIGNING_TIME, epoch(at)],
        [NOTARY.EXPIRY, expiresAt && epoch(expiresAt)],
      ],
      changes.header,
    ),
  )
  const { protectedBytes = (honest): Uint8Array => honest, tag = COSE_SIGN1 } = changes
  const protectedHeader = protectedBytes(claims)
  const payload = changes.payload === null ? null : Uint8Array.from(parts.payload)
  const toBeSigned = ['Signature1', protectedHeader, new Uint8Array(), payload ?? new Uint8Array()]
  const signature = rawSignature(encodeCbor(toBeSigned), parts)
  const unprotected = merged(
    [
      [33, certificates.map((der) => Uint8Array.from(der))],
      [NOTARY.AGENT, AGENT],
      [NOTARY.TIMESTAMP, timestampToken && Uint8Array.from(timestampToken(signature))],
    ],
    changes.unprotected,
  )
  const message = [protectedHeader, unprotected, payload, Uint8Array.from(signature)]
  return encodeCbor(tag === null ? message : new Tag(tag, message))
}

const AGENT = 'verify-images-testing'
const COSE_SIGN1 = 18

function merged(
  honest: readonly (readonly [unknown, unknown])[],
  changes: ReadonlyMap<unknown, unknown> = new Map(),
): ReadonlyMap<unknown, unknown> {
  return new Map([...new Map([...honest, ...changes])].filter(([, value]) => value !== undefined))
}

function encodeCbor(value: unknown): Uint8Array {
  return Uint8Array.from(encode(value))
}

function epoch(at: Date): Tag {
  return new Tag(1, Math.floor(at.getTime() / 1000))
}

/** Makes an envelope in the format that the options choose, as content of a registry. */
export function makeNotaryEnvelope(target: Descriptor, format: 'jws' | 'cose', signing: NotarySigning): Content {
  const { key, metadata, ...rest } = signing
  const parts: EnvelopeParts = {
    ...rest,
    payload: notaryPayload(target, metadata),
    algorithm: algorithmOf(key),
    privateKey: key.privateKey,
    certificates: certificatesOf(key),
  }
  return format === 'cose' ? contentOf(COSE_MEDIA_TYPE, makeCose(parts)) : jsonContent(JWS_MEDIA_TYPE, makeJws(parts))
}

/** Returns the value of the thumbprint annotation: a JSON array with the SHA-256 fingerprint of each certificate. */
export function thumbprints(key: CertifiedKey): string {
  return JSON.stringify(certificatesOf(key).map((der) => createHash('sha256').update(der).digest('hex')))
}

export function notaryPayload(
  { mediaType, digest, size }: Pick<Descriptor, 'mediaType' | 'digest' | 'size'>,
  metadata?: Readonly<Record<string, string>>,
): Uint8Array {
  const targetArtifact = { mediaType, digest, size, ...(metadata && { annotations: metadata }) }
  return Buffer.from(JSON.stringify({ targetArtifact }))
}

/** @throws RangeError for an Ed25519 key, which the Notary Project does not support */
function algorithmOf({ kind }: CertifiedKey): NotaryAlgorithm {
  const found = NOTARY_ALGORITHMS.find((name) => ALGORITHMS[name].key === kind)
  if (found === undefined)
    throw new RangeError(`key of a Notary Project signature: expected an RSA or NIST curve key, got ${kind}`)
  return found
}

function rawSignature(
  data: Uint8Array,
  { algorithm, privateKey, alter = (signature): Uint8Array => signature }: EnvelopeParts,
): Uint8Array {
  const form = algorithm.startsWith('PS')
    ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
    : { dsaEncoding: 'ieee-p1363' as const }
  return alter(sign(ALGORITHMS[algorithm].hash, data, { key: privateKey, ...form }))
}

function certificatesOf({ certificates: { leaf, issuers } }: CertifiedKey): readonly Uint8Array[] {
  return [leaf, ...issuers].map(({ der }) => der)
}

function base64Url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url')
}
