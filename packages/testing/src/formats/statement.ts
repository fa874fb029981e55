import { type Digest, type OptionTable, preAuthenticationEncoding } from '@verify-images/primitives'
import { aJsonValue, aName, checkOptions } from '../check-options.ts'
import type { Signing } from '../signing/signing.ts'
import { type Envelope } from './dsse.ts'

/** A predicate and its type. */
export interface Attestation {
  readonly type: string
  readonly predicate: unknown
}

const attestationMembers: OptionTable<Attestation> = { type: aName, predicate: aJsonValue }

/** @throws RangeError for unknown or missing members, and for a predicate that is not JSON */
export function assertAttestation(attestation: unknown): asserts attestation is Attestation {
  checkOptions(attestation, attestationMembers, { path: 'attestation', required: ['type', 'predicate'] })
}

const IN_TOTO = 'application/vnd.in-toto+json'

/** What differs between the statements of cosign and those in bundles. */
export interface StatementFormat {
  readonly version: 'v0.1' | 'v1'
  readonly subject: object
}

/** Makes and signs an envelope with a statement about an image. */
export function signStatement(
  signing: Signing,
  { version, subject }: StatementFormat,
  digest: Digest,
  { type, predicate }: Attestation,
): Envelope {
  const about = { ...subject, digest: { sha256: signing.signedDigest(digest).slice('sha256:'.length) } }
  const statement = {
    _type: `https://in-toto.io/Statement/${version}`,
    predicateType: type,
    subject: [about],
    predicate,
  }
  const payload = Buffer.from(JSON.stringify(statement))
  return { payloadType: IN_TOTO, payload, signature: signing.sign(preAuthenticationEncoding(IN_TOTO, payload)) }
}
