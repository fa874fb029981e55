import type { AttestorEntry } from '@verify-images/policy-parser'
import {
  attachmentTag,
  COSIGN_ANNOTATION,
  createMemorySource,
  digestSet,
  envelopeJson,
  IN_TOTO,
  type KeyPair,
  logAnnotation,
  type MadeCertificate,
  makeKeyPair,
  makeStatement,
  type MemorySource,
  OCI_MANIFEST,
  rekorBody,
  simpleSigningPayload,
  toPem,
} from '@verify-images/testing/internal'
import {
  createEvaluationBudget,
  createVerificationMemo,
  type Digest,
  type Json,
  preAuthenticationEncoding,
} from '@verify-images/primitives'
import type { ImageSubject } from '../ports.ts'
import type { TrustMaterialSource, VerificationRun } from '../signature-verifier.ts'
import type { TrustMaterial } from '../sigstore/trust-material.ts'
import { createTestAuthority, type TestAuthority } from './test-authority.ts'
import { createTestLog, type TestLog } from './test-log.ts'

export const repository = 'registry.test/app'
/** When keyless test signatures are made. */
export const signingTime: Date = new Date('2026-01-15T10:00:30Z')

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
    certificateAuthorities: [authority.trust],
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
      return source.putManifest(repository, attachmentTag(image.digest, suffix), manifest)
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

export function pemOf(key: KeyPair): string {
  return toPem('PUBLIC KEY', key.spki)
}

/** Returns a key attestor that asks for the key alone. */
export function keyEntry(key: KeyPair, changes: Partial<AttestorEntry> = {}): AttestorEntry {
  return { keys: { publicKeys: pemOf(key), rekor: { ignoreTlog: true }, ctlog: { ignoreSCT: true } }, ...changes }
}

export interface SigningOptions {
  readonly optional?: Json
  readonly payload?: Uint8Array
  readonly annotations?: Readonly<Record<string, string>>
}

export function simplePayload(digest: string, optional: Json = null, reference: string = repository): Uint8Array {
  return simpleSigningPayload(reference, digest, optional)
}

/** Returns a signature by a key. */
export function signed(
  key: KeyPair,
  { digest }: { readonly digest: string },
  { optional = null, payload = simplePayload(digest, optional), annotations = {} }: SigningOptions = {},
): Layer {
  return {
    bytes: payload,
    annotations: {
      [COSIGN_ANNOTATION.signature]: Buffer.from(key.sign(payload)).toString('base64'),
      ...annotations,
    },
  }
}

/** Returns a signature by the holder of a certificate, logged at {@link signingTime} unless told otherwise. */
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
  const signature = Buffer.from(layer.annotations[COSIGN_ANNOTATION.signature] ?? '', 'base64')
  const { bytes: body } = rekorBody({
    entry: 'hashedrekord',
    signature,
    signer: { kind: 'certificate', der: certificate.der, key: 'P-256' },
    content: { bytes: layer.bytes },
  })
  return {
    bytes: layer.bytes,
    annotations: {
      [COSIGN_ANNOTATION.certificate]: certificate.pem,
      [COSIGN_ANNOTATION.chain]: world.authority.intermediate.pem + world.authority.root.pem,
      [COSIGN_ANNOTATION.logEntry]: loggedAt(world.log, body, time),
      ...layer.annotations,
    },
  }
}

/** Returns the annotation of a log entry for a body. */
export function loggedAt(log: TestLog, body: Uint8Array, time: Date): string {
  const integratedTime = Math.floor(time.getTime() / 1000)
  return logAnnotation({
    promise: log.promise(body, String(integratedTime), '7'),
    body: { bytes: body },
    integratedTime,
    logIndex: 7,
    logId: Buffer.from(log.key.logId, 'hex'),
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

/** Returns an attestation: a DSSE envelope signed by one or more keys. */
export function attested(
  keys: readonly KeyPair[],
  { digest }: { readonly digest: string },
  {
    type = 'https://example.com/scan/v1',
    predicate = { critical: 0 },
    payloadType = IN_TOTO,
    header = 'https://in-toto.io/Statement/v1',
    subject = [{ name: repository, digest: digestSet(digest) }],
    statement = makeStatement({ type: header, subject }, type, predicate),
  }: StatementOptions = {},
): Layer {
  const signed = preAuthenticationEncoding(payloadType, statement)
  const signatures = keys.map((key) => key.sign(signed))
  return {
    bytes: envelopeJson({ payloadType, payload: statement }, signatures),
    annotations: { [COSIGN_ANNOTATION.signature]: '' },
  }
}
