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

export const IN_TOTO: string = 'application/vnd.in-toto+json'

/** What differs between the statements of cosign and those in bundles. */
export interface StatementFormat {
  readonly version: 'v0.1' | 'v1'
  readonly subject: object
}

/** Makes a statement about an image. */
export function makeStatement(
  { version, subject }: StatementFormat,
  digest: string,
  { type, predicate }: Attestation,
): object {
  return {
    _type: `https://in-toto.io/Statement/${version}`,
    predicateType: type,
    subject: [{ ...subject, digest: { sha256: digest.slice('sha256:'.length) } }],
    predicate,
  }
}

/** Makes and signs an envelope with a statement about an image. */
export function signStatement(
  signing: Signing,
  format: StatementFormat,
  digest: Digest,
  attestation: Attestation,
): Envelope {
  const payload = Buffer.from(JSON.stringify(makeStatement(format, signing.signedDigest(digest), attestation)))
  return { payloadType: IN_TOTO, payload, signature: signing.sign(preAuthenticationEncoding(IN_TOTO, payload)) }
}
