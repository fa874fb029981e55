import type { AttestorEntry } from '@verify-images/policy-parser'
import {
  commonName,
  generalName,
  makeCertificate,
  type CertificateTemplate,
  type KeyPair,
  type MadeCertificate,
  makeKeyPair,
  toPem,
} from '@verify-images/testing/internal'
import { parseCertificate } from '@verify-images/x509'
import { type Digest, digestOf, type Json, preAuthenticationEncoding } from '@verify-images/primitives'
import type { ImageSubject } from '../ports.ts'
import type { TrustMaterialSource, VerificationRun } from '../signature-verifier.ts'
import type { TrustMaterial } from '../sigstore/trust-material.ts'
import { createEvaluationBudget, createVerificationMemo } from '@verify-images/primitives'
import { createMemorySource, OCI_MANIFEST, type MemorySource } from '@verify-images/testing/internal'
import { createTestLog, type TestLog } from './test-log.ts'

export const repository = 'registry.test/app'
/** When keyless test signatures are made. */
export const signingTime: Date = new Date('2026-01-15T10:00:30Z')
export const codeSigning = '1.3.6.1.5.5.7.3.3'
export const issuerOid = '1.3.6.1.4.1.57264.1.1'

export interface Layer {
  readonly bytes: Uint8Array
  readonly annotations: Readonly<Record<string, string>>
}

/** A small world to sign in: one repository, keys, a certificate authority and a log. */
export interface CosignWorld {
  readonly source: MemorySource
  readonly authority: TestAuthority
  readonly log: TestLog
  readonly trust: TrustMaterialSource
  image(tag: string): ImageSubject & { readonly digest: Digest }
  store(image: { readonly digest: Digest }, suffix: 'sig' | 'att', layers: readonly Layer[]): Digest
  run(changes?: Partial<VerificationRun>): VerificationRun
}

export function createCosignWorld(): CosignWorld {
  const source = createMemorySource()
  const authority = createTestAuthority()
  const log = createTestLog(makeKeyPair().privateKey.export({ type: 'pkcs8', format: 'pem' }).toString())
  const material: TrustMaterial = {
    certificateAuthorities: [
      {
        uri: '',
        roots: [parseCertificate(authority.root.der)],
        intermediates: [parseCertificate(authority.intermediate.der)],
        window: {},
      },
    ],
    timestampAuthorities: [],
    transparencyLogs: [log.key],
    certificateLogs: [],
    warnings: [],
  }
  const trust: TrustMaterialSource = { load: () => Promise.resolve(material) }
  return {
    source,
    authority,
    log,
    trust,
    image(tag) {
      const digest = source.putManifest(repository, tag, {
        schemaVersion: 2,
        mediaType: OCI_MANIFEST,
        config: {},
        layers: [],
        annotations: { tag },
      })
      return { reference: `${repository}:${tag}`, repository, tag, digest }
    },
    store(image, suffix, layers) {
      const described = layers.map(({ bytes, annotations }) => ({ ...source.putBlob(bytes), annotations }))
      const manifest = {
        schemaVersion: 2,
        mediaType: OCI_MANIFEST,
        config: source.putBlob(Buffer.from('{}')),
        layers: described,
      }
      return source.putManifest(repository, `${image.digest.replace(':', '-')}.${suffix}`, manifest)
    },
    run: (changes = {}) => ({
      source,
      trust,
      now: new Date('2026-11-25T00:00:00Z'),
      signal: new AbortController().signal,
      memo: createVerificationMemo(),
      budget: createEvaluationBudget(),
      ...changes,
    }),
  }
}

export interface TestAuthority {
  readonly root: MadeCertificate
  readonly intermediate: MadeCertificate
  issue(key: KeyPair, changes?: Partial<CertificateTemplate>): MadeCertificate
}

function createTestAuthority(): TestAuthority {
  const rootKey = makeKeyPair()
  const intermediateKey = makeKeyPair()
  const root = makeCertificate({ subject: 'test root', key: rootKey, ca: true, keyUsage: ['keyCertSign', 'cRLSign'] })
  const intermediate = makeCertificate({
    subject: 'test intermediate',
    key: intermediateKey,
    issuer: { name: root.name, key: rootKey },
    ca: { pathLength: 0 },
    keyUsage: ['keyCertSign', 'cRLSign'],
    extendedKeyUsage: [codeSigning],
  })
  return {
    root,
    intermediate,
    issue: (key, changes = {}) =>
      makeCertificate({
        subject: commonName('signer'),
        issuer: { name: intermediate.name, key: intermediateKey },
        notBefore: new Date('2026-01-15T10:00:00Z'),
        notAfter: new Date('2026-01-15T10:10:00Z'),
        keyUsage: ['digitalSignature'],
        extendedKeyUsage: [codeSigning],
        subjectAltNames: [generalName.email('user@example.com')],
        extensions: [{ oid: issuerOid, value: Buffer.from('https://accounts.example.com') }],
        ...changes,
        key,
      }),
  }
}

export function pemOf(key: KeyPair): string {
  return toPem('PUBLIC KEY', key.spki)
}

/** A key attestor that asks for the key alone. */
export function keyEntry(key: KeyPair, changes: Partial<AttestorEntry> = {}): AttestorEntry {
  return { keys: { publicKeys: pemOf(key), rekor: { ignoreTlog: true }, ctlog: { ignoreSCT: true } }, ...changes }
}

export interface SigningOptions {
  readonly optional?: Json
  readonly payload?: Uint8Array
  readonly annotations?: Readonly<Record<string, string>>
}

export function simplePayload(digest: string, optional: Json = null, reference: string = repository): Uint8Array {
  return Buffer.from(
    JSON.stringify({
      critical: {
        identity: { 'docker-reference': reference },
        image: { 'docker-manifest-digest': digest },
        type: 'cosign container image signature',
      },
      optional,
    }),
  )
}

/** A signature by a key. */
export function signed(
  key: KeyPair,
  { digest }: { readonly digest: string },
  { optional = null, payload = simplePayload(digest, optional), annotations = {} }: SigningOptions = {},
): Layer {
  return {
    bytes: payload,
    annotations: {
      'dev.cosignproject.cosign/signature': Buffer.from(key.sign(payload)).toString('base64'),
      ...annotations,
    },
  }
}

/** A signature by the holder of a certificate, logged at {@link signingTime} unless told otherwise. */
export function signedKeyless(
  world: Pick<CosignWorld, 'log' | 'authority'>,
  image: { readonly digest: string },
  {
    certificate,
    key,
    time = signingTime,
    ...options
  }: SigningOptions & { readonly certificate: MadeCertificate; readonly key: KeyPair; readonly time?: Date },
): Layer {
  const layer = signed(key, image, options)
  const signature = layer.annotations['dev.cosignproject.cosign/signature'] ?? ''
  const body = Buffer.from(
    JSON.stringify({
      apiVersion: '0.0.1',
      kind: 'hashedrekord',
      spec: {
        data: { hash: { algorithm: 'sha256', value: digestOf(layer.bytes).slice('sha256:'.length) } },
        signature: { content: signature, publicKey: { content: Buffer.from(certificate.pem).toString('base64') } },
      },
    }),
  )
  return {
    bytes: layer.bytes,
    annotations: {
      'dev.sigstore.cosign/certificate': certificate.pem,
      'dev.sigstore.cosign/chain': world.authority.intermediate.pem + world.authority.root.pem,
      'dev.sigstore.cosign/bundle': logAnnotation(world.log, body, time),
      ...layer.annotations,
    },
  }
}

export function logAnnotation(log: TestLog, body: Uint8Array, time: Date): string {
  const seconds = String(Math.floor(time.getTime() / 1000))
  return JSON.stringify({
    SignedEntryTimestamp: Buffer.from(log.promise(body, seconds, '7')).toString('base64'),
    Payload: {
      body: Buffer.from(body).toString('base64'),
      integratedTime: Number(seconds),
      logIndex: 7,
      logID: log.key.logId,
    },
  })
}

export interface StatementOptions {
  readonly type?: string
  readonly predicate?: Json
  readonly subject?: Json
  readonly payloadType?: string
  readonly statement?: Uint8Array
  readonly header?: string
}

/** An attestation: a DSSE envelope signed by one or more keys. */
export function attested(
  keys: readonly KeyPair[],
  { digest }: { readonly digest: string },
  options: StatementOptions = {},
): Layer {
  const {
    type = 'https://example.com/scan/v1',
    predicate = { critical: 0 },
    payloadType = 'application/vnd.in-toto+json',
    header = 'https://in-toto.io/Statement/v1',
  } = options
  const subject =
    options.subject !== undefined
      ? options.subject
      : [{ name: repository, digest: { sha256: digest.slice('sha256:'.length) } }]
  const statement =
    options.statement ?? Buffer.from(JSON.stringify({ _type: header, predicateType: type, subject, predicate }))
  const encoded = preAuthenticationEncoding(payloadType, statement)
  const signatures = keys.map((key) => ({ keyid: '', sig: Buffer.from(key.sign(encoded)).toString('base64') }))
  const envelope = { payloadType, payload: Buffer.from(statement).toString('base64'), signatures }
  return { bytes: Buffer.from(JSON.stringify(envelope)), annotations: { 'dev.cosignproject.cosign/signature': '' } }
}
