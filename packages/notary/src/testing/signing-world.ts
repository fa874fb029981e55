import { generateKeyPairSync } from 'node:crypto'
import { parseCertificate } from '@verify-images/x509'
import type { Certificate } from '@verify-images/x509'
import {
  CODE_SIGNING,
  COSE_MEDIA_TYPE,
  type CertificateTemplate,
  type CoseChanges,
  der,
  distinguishedName,
  type EnvelopeParts,
  JWS_MEDIA_TYPE,
  type JwsChanges,
  type KeyPair,
  type MadeCertificate,
  makeCertificate,
  makeCose as makeCoseOf,
  makeJws as makeJwsOf,
  makeKeyPair,
  notaryPayload,
  withKeys,
} from '@verify-images/testing/internal'
import { Tag } from 'cbor2'
import { digestOf } from '@verify-images/primitives'
import type { TargetDescriptor } from '../payload.ts'

export const SIGNER_NAME: Uint8Array = distinguishedName(['C', 'US'], ['ST', 'WA'], ['O', 'acme'], ['CN', 'signer'])

/** A signer: its key and its certificates, signer first. */
export interface TestSigner {
  readonly key: KeyPair
  readonly algorithm: 'ES256' | 'ES384' | 'ES512' | 'PS256'
  readonly chain: readonly [MadeCertificate, ...MadeCertificate[]]
}

export interface TestAuthority {
  readonly key: KeyPair
  readonly certificate: MadeCertificate
  signer(template?: Partial<CertificateTemplate>, keyType?: 'P-256' | 'P-384' | 'P-521' | 'rsa'): TestSigner
}

const ALGORITHMS = { 'P-256': 'ES256', 'P-384': 'ES384', 'P-521': 'ES512', rsa: 'PS256' } as const

/**
 * Creates a certificate authority in memory that certifies signers as the specification wants it, unless told
 * otherwise.
 */
export function makeAuthority(name = 'test root', template: Partial<CertificateTemplate> = {}): TestAuthority {
  const key = makeKeyPair()
  const certificate = makeCertificate({
    subject: name,
    ca: true,
    keyUsage: ['keyCertSign', 'cRLSign'],
    ...template,
    key,
  })
  return {
    key,
    certificate,
    signer(leaf = {}, keyType = 'P-256'): TestSigner {
      const leafKey = makeKeyPair(keyType)
      return {
        key: leafKey,
        algorithm: ALGORITHMS[keyType],
        chain: [makeLeaf(leafKey, { name: certificate.name, key }, leaf), certificate],
      }
    },
  }
}

export function makeLeaf(
  key: KeyPair,
  issuer: CertificateTemplate['issuer'],
  template: Partial<CertificateTemplate> = {},
): MadeCertificate {
  return makeCertificate({
    subject: SIGNER_NAME,
    keyUsage: ['digitalSignature'],
    extendedKeyUsage: [CODE_SIGNING],
    ...(issuer && { issuer }),
    ...template,
    key,
  })
}

/** Creates an RSA key of a size that no algorithm is for. */
export function makeOddKey(): KeyPair {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2560 })
  return {
    ...withKeys(privateKey, publicKey, 'sha256'),
    algorithm: der.sequence(der.oid('1.2.840.113549.1.1.11'), der.null()),
  }
}

export function parsed(...certificates: readonly MadeCertificate[]): readonly [Certificate, ...Certificate[]] {
  const [first, ...rest] = certificates.map((certificate) => parseCertificate(certificate.der))
  if (!first) throw new Error('no certificate')
  return [first, ...rest]
}

const SIGNING_TIME = new Date('2026-01-15T10:00:00Z')

export function targetOf(
  bytes: Uint8Array,
  mediaType = 'application/vnd.oci.image.manifest.v1+json',
): TargetDescriptor {
  return { mediaType, digest: digestOf(bytes), size: bytes.length }
}

export const TARGET: TargetDescriptor = targetOf(Buffer.from('{"schemaVersion":2}'))

export function payloadOf(target: TargetDescriptor = TARGET, annotations?: Readonly<Record<string, string>>): string {
  return Buffer.from(notaryPayload(target, annotations)).toString()
}

/** What every envelope may replace; the rest has an honest default. */
interface EnvelopeOptions {
  /** Signs instead of the signer. */
  readonly key?: KeyPair
}

export interface JwsOptions extends JwsChanges, EnvelopeOptions {
  readonly payload?: string
  readonly timestamp?: (signature: Uint8Array) => Uint8Array
  /** Changes the finished document. */
  readonly finish?: (document: Record<string, unknown>) => unknown
}

export const JWS: string = JWS_MEDIA_TYPE
export const COSE: string = COSE_MEDIA_TYPE

export function makeJws(signer: TestSigner, options: JwsOptions = {}): Uint8Array {
  const { payload = payloadOf(), timestamp, finish = (document): unknown => document } = options
  const parts = { ...partsOf(signer, Buffer.from(payload), options), timestampToken: timestamp }
  const finished = finish(makeJwsOf(parts, options))
  return Buffer.from(typeof finished === 'string' ? finished : JSON.stringify(finished))
}

export interface CoseOptions extends Omit<CoseChanges, 'payload'>, EnvelopeOptions {
  readonly payload?: Uint8Array | null
}

export function makeCose(signer: TestSigner, { payload, ...options }: CoseOptions = {}): Uint8Array {
  const parts = partsOf(signer, payload ?? Buffer.from(payloadOf()), options)
  return makeCoseOf(parts, { ...options, ...(payload === null && { payload }) })
}

function partsOf(
  { key: own, algorithm, chain }: TestSigner,
  payload: Uint8Array,
  { key = own }: EnvelopeOptions,
): EnvelopeParts {
  const certificates = chain.map((certificate) => certificate.der)
  return { payload, algorithm, privateKey: key.privateKey, certificates, at: SIGNING_TIME }
}

export function epoch(seconds: number | bigint): Tag {
  return new Tag(1, seconds)
}
