import type { Digest } from '@verify-images/primitives'
import type { Evidence } from '../outcome.ts'
import type { Statement } from '../signature-verifier.ts'
import type { LoggedSignature } from '../sigstore/log-entry.ts'
import { type Candidate, signatureBytes } from './candidate.ts'
import { type Envelope, readEnvelope } from './envelope.ts'
import {
  readSimpleSigning,
  requireImageSignature,
  requireSignedDigest,
  requireSignedRepository,
  type SimpleSigning,
} from './simple-signing.ts'
import { readStatement } from './statement.ts'

/** What a candidate is a signature over. Reading it may fail, so everything is read when it is asked for. */
export interface SignedContent {
  /** The bytes under the signature. */
  signedBytes(): Uint8Array
  /** Names those bytes, for the memo. */
  readonly signedDigest: string
  /** Each signature by itself must satisfy everything. */
  signatures(): readonly Uint8Array[]
  /** What a timestamp authority has stamped. */
  stampedBytes(): Uint8Array
  /** What a log entry must be about. */
  loggedContent(): LoggedSignature['content']
  /** Requires that what was signed is about this image; only called once the signature holds. */
  requireAbout(digest: Digest): void
  /** What evidence says of it. */
  describe(): Pick<Evidence, 'annotations' | 'predicateType'>
}

export interface SignatureContent extends SignedContent {
  readonly signed: () => SimpleSigning
}

export interface SignatureContentOptions {
  readonly requiredRepository?: string | undefined
  readonly acceptAnySignedPayload?: boolean | undefined
}

/** The simple-signing payload of an image signature. */
export function signatureContent(
  candidate: Candidate,
  { requiredRepository, acceptAnySignedPayload = false }: SignatureContentOptions,
): SignatureContent {
  const signed = once(() => readSimpleSigning(candidate.payload))
  return {
    signed,
    signedBytes: () => candidate.payload,
    signedDigest: candidate.payloadDigest,
    signatures: () => [signatureBytes(candidate)],
    stampedBytes: () => signatureBytes(candidate),
    loggedContent: () => ({ kind: 'bytes', bytes: candidate.payload }),
    requireAbout: (digest) => {
      requireSignedDigest(signed(), digest)
      if (!acceptAnySignedPayload) requireImageSignature(signed())
      if (requiredRepository !== undefined) requireSignedRepository(signed(), requiredRepository)
    },
    describe: () => (Object.keys(signed().annotations).length === 0 ? {} : { annotations: signed().annotations }),
  }
}

export interface AttestationContent extends SignedContent {
  readonly statement: () => Statement
}

/** The DSSE envelope of a legacy attestation. Its log entry and its timestamp are over the envelope as a whole. */
export function attestationContent(candidate: Candidate, digest: Digest): AttestationContent {
  const envelope = once((): Envelope => readEnvelope(candidate.payload))
  const statement = once(() => readStatement(envelope().payload, digest))
  return {
    statement,
    signedBytes: () => envelope().signedBytes,
    signedDigest: `envelope ${candidate.payloadDigest}`,
    signatures: () => envelope().signatures,
    stampedBytes: () => candidate.payload,
    loggedContent: () => ({
      kind: 'envelope',
      payload: envelope().payload,
      signedBytes: envelope().signedBytes,
      envelope: candidate.payload,
    }),
    requireAbout: () => void statement(),
    describe: () => ({ predicateType: statement().type }),
  }
}

/** A value that is made when it is first asked for. */
function once<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | undefined
  return () => (made ??= { value: make() }).value
}
