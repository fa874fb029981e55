import { type Digest, type OptionTable, preAuthenticationEncoding } from '@verify-images/primitives'
import { aJsonValue, aName, checkOptions } from '../check-options.ts'
import type { Signing } from '../signing/signing.ts'
import { type Envelope } from './dsse.ts'

/** What an attestation says: a predicate and the type that tells how to read it. */
export interface Attestation {
  readonly type: string
  readonly predicate: unknown
}

const attestationMembers: OptionTable<Attestation> = { type: aName, predicate: aJsonValue }

/** @throws RangeError */
export function assertAttestation(attestation: unknown): asserts attestation is Attestation {
  checkOptions(attestation, attestationMembers, { path: 'attestation', required: ['type', 'predicate'] })
}

const IN_TOTO = 'application/vnd.in-toto+json'

/** The members of a statement before its predicate, which differ between the tools. */
export interface StatementForm {
  readonly version: 'v0.1' | 'v1'
  readonly subject: object
}

/** A statement about an image in an envelope. */
export function signStatement(
  signing: Signing,
  { version, subject }: StatementForm,
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
