import { CheckError, type Digest, equalBytes, type Message, type PayloadReader } from '@verify-images/primitives'
import type { Evidence } from '../outcome.ts'
import type { Statement } from '../signature-verifier.ts'
import type { LoggedSignature } from '../sigstore/log-entry.ts'
import { annotationNames, type Candidate, signatureBytes } from './candidate.ts'
import { type DsseEnvelope, parseEnvelope } from './envelope.ts'
import {
  parseSimpleSigning,
  requireImageSignature,
  requireSignedDigest,
  requireSignedRepository,
  type SimpleSigning,
} from './simple-signing.ts'
import { readStatement } from './statement.ts'

/**
 * What a candidate signs. Parsing it may fail, so each part is parsed when it is used: nothing before its signature is
 * verified.
 */
export interface SignedContent {
  /** The signed bytes. */
  signedBytes(): Promise<Message>
  /** Identifies the signed bytes in the memo. */
  readonly signedDigest: string
  /** Alternatives: one of them must pass every check by itself. */
  signatures(): Promise<readonly Uint8Array[]>
  /** The bytes that a timestamp is over. */
  timestampedBytes(): Uint8Array
  /** The content that a log entry must record. */
  loggedContent(): Promise<LoggedSignature['content']>
  /** Requires that the signed content is about this image. Called only after the signature has been verified. */
  requireAbout(digest: Digest, payloads: PayloadReader): Promise<void>
  /** Returns the content's part of the evidence. Called after `requireAbout`. */
  describe(): Pick<Evidence, 'annotations' | 'predicateType'>
}

export interface SignatureContent extends SignedContent {
  readonly signed: () => SimpleSigning
}

export interface SignatureContentOptions {
  readonly requiredRepository?: string | undefined
  readonly acceptAnySignedPayload?: boolean | undefined
}

/** Returns the content of an image signature: its simple signing payload. */
export function signatureContent(
  candidate: Candidate,
  { requiredRepository, acceptAnySignedPayload = false }: SignatureContentOptions,
): SignatureContent {
  const signed = once(() => parseSimpleSigning(candidate.payload))
  return {
    signed,
    signedBytes: () => Promise.resolve(candidate.payload),
    signedDigest: candidate.artifact,
    signatures: async () => Promise.resolve([signatureBytes(candidate)]),
    timestampedBytes: () => signatureBytes(candidate),
    loggedContent: () => Promise.resolve({ kind: 'bytes', bytes: candidate.payload }),
    requireAbout: async (digest) => {
      await Promise.resolve()
      requireSignedDigest(signed(), digest)
      if (!acceptAnySignedPayload) requireImageSignature(signed())
      if (requiredRepository !== undefined) requireSignedRepository(signed(), requiredRepository)
    },
    describe: () => (Object.keys(signed().annotations).length === 0 ? {} : { annotations: signed().annotations }),
  }
}

export interface AttestationContentOptions {
  /** Whether a log or a timestamp authority is asked, which Kyverno does with the annotation of the signature. */
  readonly annotationRead: boolean
  readonly signal: AbortSignal
}

export interface AttestationContent extends SignedContent {
  /** The verified statement. Called after `requireAbout`. */
  readonly statement: () => Statement
}

/**
 * Returns the content of an attestation: its DSSE envelope. Log entries and timestamps are over the envelope as a
 * whole.
 */
export function attestationContent(candidate: Candidate, options: AttestationContentOptions): AttestationContent {
  const envelope = once(() => parseEnvelope(candidate.payload, options.signal))
  let read: Statement | undefined
  const statement = (): Statement => {
    if (read === undefined) throw new TypeError('the statement is read after its signature has been verified')
    return read
  }
  return {
    statement,
    signedBytes: async () => (await envelope()).signedBytes,
    signedDigest: `envelope ${candidate.artifact}`,
    signatures: async () => envelopeSignatures(candidate, await envelope(), options),
    timestampedBytes: () => (candidate.signature ? signatureBytes(candidate) : candidate.payload),
    loggedContent: async () => {
      const { payload, signedBytes } = await envelope()
      return { kind: 'envelope', payload, signedBytes, envelope: candidate.payload }
    },
    requireAbout: async (digest, payloads) => {
      const { payload } = await envelope()
      read = readStatement(await payloads.read(payload, 'predicate', 'the statement'), digest)
    },
    describe: () => ({ predicateType: statement().type }),
  }
}

/**
 * Returns the signatures of an envelope; only the one in the annotation, where that is not empty.
 *
 * @throws CheckError ATTESTOR_SIGNATURE_INVALID without the annotation, or when it has a signature that is not in the
 *   envelope
 */
function envelopeSignatures(
  candidate: Candidate,
  { signatures }: DsseEnvelope,
  { annotationRead }: Pick<AttestationContentOptions, 'annotationRead'>,
): readonly Uint8Array[] {
  if (candidate.signature === undefined) {
    throw new CheckError(
      'ATTESTOR_SIGNATURE_INVALID',
      `layer of the attestation: expected the annotation \`${annotationNames.signature}\`, which cosign writes`,
      annotationRead ? {} : { difference: 'att-signature-annotation' },
    )
  }
  if (candidate.signature === '') return signatures
  const annotated = signatureBytes(candidate)
  if (signatures.some((signature) => equalBytes(signature, annotated))) return [annotated]
  throw new CheckError(
    'ATTESTOR_SIGNATURE_INVALID',
    'the annotation of the attestation has a signature of another envelope',
  )
}

/** Returns a function that computes a value when it is first called. */
function once<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | undefined
  return () => (made ??= { value: make() }).value
}
