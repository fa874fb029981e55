import { AttestorError, parseDocument } from '@verify-images/attestor-evaluator'
import type { Descriptor } from '@verify-images/attestor-evaluator'
import { isJsonObject, ownMember } from '@verify-images/primitives'

/** What was signed: the manifest of an artifact. */
export type TargetDescriptor = Pick<Descriptor, 'mediaType' | 'digest' | 'size'>

export interface SignedPayload {
  readonly target: { readonly mediaType: string; readonly digest: string; readonly size: number }
  /** What the signer says of the artifact: annotations of the signed descriptor, never those of a manifest. */
  readonly userMetadata: ReadonlyMap<string, string>
}

/**
 * Reads the payload of a verified envelope.
 *
 * @throws AttestorError ATTESTOR_PAYLOAD_INVALID
 * @see Notary Project, signature specification: Payload
 */
export function readPayload(payload: Uint8Array): SignedPayload {
  const artifact = parseTarget(payload)
  return { target: readTarget(artifact), userMetadata: readUserMetadata(artifact) }
}

/**
 * The descriptor in a payload, whatever it is.
 *
 * @throws AttestorError ATTESTOR_PAYLOAD_INVALID
 */
export function parseTarget(payload: Uint8Array): Json | undefined {
  return ownMember(parseDocument(payload, 'the payload', 'ATTESTOR_PAYLOAD_INVALID'), 'targetArtifact')
}

type Json = ReturnType<typeof parseDocument>

/** @throws AttestorError ATTESTOR_PAYLOAD_INVALID */
export function readTarget(artifact: Json | undefined): SignedPayload['target'] {
  const mediaType = ownMember(artifact, 'mediaType')
  const digest = ownMember(artifact, 'digest')
  const size = ownMember(artifact, 'size')
  if (typeof mediaType !== 'string' || typeof digest !== 'string' || typeof size !== 'number') {
    throw new AttestorError('ATTESTOR_PAYLOAD_INVALID', 'the payload does not describe an artifact', {
      upstreamText: 'content descriptor mismatch',
    })
  }
  return { mediaType, digest, size }
}

/** @throws AttestorError ATTESTOR_PAYLOAD_INVALID */
export function readUserMetadata(artifact: Json | undefined): ReadonlyMap<string, string> {
  const annotations = ownMember(artifact, 'annotations')
  if (annotations === undefined) return new Map()
  const entries = isJsonObject(annotations) ? Object.entries(annotations) : undefined
  const texts = entries?.flatMap(([name, value]) => (typeof value === 'string' ? [[name, value] as const] : []))
  if (!texts || texts.length !== entries?.length)
    throw new AttestorError('ATTESTOR_PAYLOAD_INVALID', 'the metadata of the payload is not text')
  return new Map(texts)
}

/**
 * Refuses a payload about something else. All three must be equal: a digest alone does not say how it is to be read.
 *
 * @throws AttestorError ATTESTOR_PAYLOAD_MISMATCH
 */
export function checkTarget({ target }: SignedPayload, expected: TargetDescriptor): void {
  if (target.digest === expected.digest && target.size === expected.size && target.mediaType === expected.mediaType)
    return
  throw new AttestorError('ATTESTOR_PAYLOAD_MISMATCH', 'the signature is of another artifact', {
    upstreamText: 'content descriptor mismatch',
    expected: `${expected.mediaType} ${expected.digest} ${expected.size}`,
  })
}

/**
 * Refuses a payload that lacks some metadata that is asked for.
 *
 * @throws AttestorError ATTESTOR_ANNOTATION_MISMATCH
 */
export function checkUserMetadata({ userMetadata }: SignedPayload, required: Readonly<Record<string, string>>): void {
  const missing = Object.entries(required).find(([name, value]) => userMetadata.get(name) !== value)
  if (!missing) return
  throw new AttestorError('ATTESTOR_ANNOTATION_MISMATCH', 'the signature lacks metadata that is asked for', {
    upstreamText: 'unable to find specified metadata in the signature',
    expected: `${missing[0]}=${missing[1]}`,
  })
}
