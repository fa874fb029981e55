import { type Digest, type OptionTable, preAuthenticationEncoding } from '@verify-images/primitives'
import { aJsonValue, aName, checkOptions } from '../check-options.ts'
import type { Signing } from '../signing/signing.ts'
import type { SignedEnvelope } from './dsse.ts'

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

export const IN_TOTO = 'application/vnd.in-toto+json'

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
): SignedEnvelope {
  const about = { ...subject, digest: digestSet(signing.signedDigest(digest)) }
  const payload = makeStatement({ type: `https://in-toto.io/Statement/${version}`, subject: [about] }, type, predicate)
  return signPayload(IN_TOTO, payload, signing)
}

/** Returns an in-toto statement. */
export function makeStatement(
  { type, subject }: { readonly type: string; readonly subject: unknown },
  predicateType: string,
  predicate: unknown,
): Uint8Array {
  return Buffer.from(JSON.stringify({ _type: type, predicateType, subject, predicate }))
}

/** Returns the `digest` of a subject. */
export function digestSet(digest: string): { readonly sha256: string } {
  return { sha256: digest.slice('sha256:'.length) }
}

/** Signs a payload in an envelope. */
export function signPayload(payloadType: string, payload: Uint8Array, { sign }: Pick<Signing, 'sign'>): SignedEnvelope {
  return { payloadType, payload, signature: sign(preAuthenticationEncoding(payloadType, payload)) }
}
