import { constants, generateKeyPairSync, sign } from 'node:crypto'
import { parseCertificate } from '@verify-images/x509'
import type { Certificate } from '@verify-images/x509'
import { der, makeCertificate, makeKeyPair, withKeys } from '@verify-images/testing/internal'
import type { CertificateTemplate, KeyPair, MadeCertificate } from '@verify-images/testing/internal'
import { Tag, encode } from 'cbor2'
import { digestOf } from '@verify-images/primitives'
import type { TargetDescriptor } from '../payload.ts'

/** The DER of a distinguished name, one attribute in each part. */
export function distinguishedName(
  ...attributes: readonly (readonly [type: keyof typeof OIDS, value: string])[]
): Uint8Array {
  return der.sequence(
    ...attributes.map(([type, value]) => der.set(der.sequence(der.oid(OIDS[type]), stringOf(type, value)))),
  )
}

/** The value in the string type that RFC 5280 defines for the attribute. */
function stringOf(type: keyof typeof OIDS, value: string): Uint8Array {
  return type === 'C' ? der.printable(value) : type === 'emailAddress' ? der.ia5(value) : der.utf8(value)
}

const OIDS = {
  CN: '2.5.4.3',
  C: '2.5.4.6',
  L: '2.5.4.7',
  ST: '2.5.4.8',
  O: '2.5.4.10',
  OU: '2.5.4.11',
  emailAddress: '1.2.840.113549.1.9.1',
} as const

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

/** A certificate authority in memory that certifies signers as the specification wants it, unless told otherwise. */
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
    extendedKeyUsage: ['1.3.6.1.5.5.7.3.3'],
    ...(issuer && { issuer }),
    ...template,
    key,
  })
}

/** An RSA key of a size that no algorithm is for. */
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

export const SIGNING_TIME = '2026-01-15T10:00:00Z'
export const PAYLOAD_TYPE = 'application/vnd.cncf.notary.payload.v1+json'

export function targetOf(
  bytes: Uint8Array,
  mediaType = 'application/vnd.oci.image.manifest.v1+json',
): TargetDescriptor {
  return { mediaType, digest: digestOf(bytes), size: bytes.length }
}

export const TARGET: TargetDescriptor = targetOf(Buffer.from('{"schemaVersion":2}'))

export function payloadOf(target: TargetDescriptor = TARGET, annotations?: Readonly<Record<string, string>>): string {
  return JSON.stringify({ targetArtifact: { ...target, ...(annotations && { annotations }) } })
}

/** What an envelope says; everything has an honest default, and every part can be given a lie. */
export interface JwsOptions {
  readonly payload?: string
  readonly header?: Readonly<Record<string, unknown>>
  readonly unprotected?: Readonly<Record<string, unknown>>
  /** Changes the finished document. */
  readonly finish?: (document: Record<string, unknown>) => unknown
  readonly timestamp?: (signature: Uint8Array) => Uint8Array
  /** Signs instead of the signer. */
  readonly key?: KeyPair
}

export const JWS = 'application/jose+json'
export const COSE = 'application/cose'

/** A JWS envelope. A header member that is `undefined` is left out. */
export function makeJws(signer: TestSigner, options: JwsOptions = {}): Uint8Array {
  const header = {
    alg: signer.algorithm,
    cty: PAYLOAD_TYPE,
    crit: ['io.cncf.notary.signingScheme'],
    'io.cncf.notary.signingScheme': 'notary.x509',
    'io.cncf.notary.signingTime': SIGNING_TIME,
    ...options.header,
  }
  const text = (value: string): string => Buffer.from(value).toString('base64url')
  const [protectedText, payload] = [text(JSON.stringify(header)), text(options.payload ?? payloadOf())]
  const signature = signWith(options.key ?? signer.key, signer.algorithm, Buffer.from(`${protectedText}.${payload}`))
  const document: Record<string, unknown> = {
    payload,
    protected: protectedText,
    signature: Buffer.from(signature).toString('base64url'),
    header: {
      x5c: signer.chain.map((certificate) => Buffer.from(certificate.der).toString('base64')),
      'io.cncf.notary.signingAgent': 'test',
      ...(options.timestamp && {
        'io.cncf.notary.timestampSignature': Buffer.from(options.timestamp(signature)).toString('base64'),
      }),
      ...options.unprotected,
    },
  }
  const finished = options.finish ? options.finish(document) : document
  return Buffer.from(typeof finished === 'string' ? finished : JSON.stringify(finished))
}

export interface CoseOptions {
  readonly payload?: Uint8Array | null
  readonly header?: ReadonlyMap<unknown, unknown>
  readonly unprotected?: ReadonlyMap<unknown, unknown>
  /** The protected header as it is encoded. */
  readonly protectedBytes?: (honest: Uint8Array) => Uint8Array
  readonly tag?: number | null
  readonly key?: KeyPair
}

const COSE_ALGORITHMS = { ES256: -7, ES384: -35, ES512: -36, PS256: -37 } as const

export function epoch(seconds: number | bigint): Tag {
  return new Tag(1, seconds)
}

/** A COSE_Sign1 envelope. A header member that is `undefined` is left out. */
export function makeCose(signer: TestSigner, options: CoseOptions = {}): Uint8Array {
  const header = merged(
    new Map<unknown, unknown>([
      [1, COSE_ALGORITHMS[signer.algorithm]],
      [2, ['io.cncf.notary.signingScheme']],
      [3, PAYLOAD_TYPE],
      ['io.cncf.notary.signingScheme', 'notary.x509'],
      ['io.cncf.notary.signingTime', epoch(Date.parse(SIGNING_TIME) / 1000)],
    ]),
    options.header,
  )
  const honest = Uint8Array.from(encode(header))
  const protectedBytes = options.protectedBytes ? options.protectedBytes(honest) : honest
  const payload =
    options.payload === undefined
      ? Uint8Array.from(Buffer.from(payloadOf()))
      : options.payload && Uint8Array.from(options.payload)
  const signature = signWith(
    options.key ?? signer.key,
    signer.algorithm,
    encode(['Signature1', protectedBytes, new Uint8Array(), payload ?? new Uint8Array()]),
  )
  const unprotected = merged(
    new Map<unknown, unknown>([[33, signer.chain.map((certificate) => Uint8Array.from(certificate.der))]]),
    options.unprotected,
  )
  const message = [protectedBytes, unprotected, payload, signature]
  return Uint8Array.from(encode(options.tag === null ? message : new Tag(options.tag ?? 18, message)))
}

function merged(
  honest: Map<unknown, unknown>,
  changes: ReadonlyMap<unknown, unknown> = new Map(),
): Map<unknown, unknown> {
  return new Map([...new Map([...honest, ...changes])].filter(([, value]) => value !== undefined))
}

function signWith({ privateKey }: KeyPair, algorithm: TestSigner['algorithm'], data: Uint8Array): Uint8Array {
  const hash = `sha${algorithm.slice(2)}`
  return Uint8Array.from(
    algorithm.startsWith('ES')
      ? sign(hash, data, { key: privateKey, dsaEncoding: 'ieee-p1363' })
      : sign(hash, data, {
          key: privateKey,
          padding: constants.RSA_PKCS1_PSS_PADDING,
          saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
        }),
  )
}
