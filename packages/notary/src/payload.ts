import type { Descriptor } from '@verify-images/attestor-evaluator'
import { CheckError, isJsonObject, ownMember, parseDocument } from '@verify-images/primitives'
import type { Json } from '@verify-images/primitives'
import { MAX_PAYLOAD_TOKENS } from './limits.ts'

/** The descriptor of the signed manifest. */
export type TargetDescriptor = Pick<Descriptor, 'mediaType' | 'digest' | 'size'>

export interface SignedPayload {
  readonly target: { readonly mediaType: string; readonly digest: string; readonly size: number }
  /** Annotations of the signed descriptor, never those of a manifest. */
  readonly userMetadata: ReadonlyMap<string, string>
}

/**
 * Parses the payload of a verified envelope.
 *
 * @throws CheckError ATTESTOR_PAYLOAD_INVALID
 * @see Notary Project, signature specification: Payload
 */
export function readPayload(payload: Uint8Array): SignedPayload {
  const artifact = parseTarget(payload)
  return { target: readTarget(artifact), userMetadata: readUserMetadata(artifact) }
}

/**
 * Returns the descriptor in a payload, of any type.
 *
 * @throws CheckError ATTESTOR_PAYLOAD_INVALID
 */
export function parseTarget(payload: Uint8Array): Json | undefined {
  const limits = { maxTokens: MAX_PAYLOAD_TOKENS }
  return ownMember(parseDocument(payload, 'the payload', 'ATTESTOR_PAYLOAD_INVALID', limits), 'targetArtifact')
}

/** @throws CheckError ATTESTOR_PAYLOAD_INVALID */
export function readTarget(artifact: Json | undefined): SignedPayload['target'] {
  const mediaType = ownMember(artifact, 'mediaType')
  const digest = ownMember(artifact, 'digest')
  const size = ownMember(artifact, 'size')
  if (typeof mediaType !== 'string' || typeof digest !== 'string' || typeof size !== 'number') {
    throw new CheckError('ATTESTOR_PAYLOAD_INVALID', '`targetArtifact` of the payload: expected a descriptor', {
      detail: { kind: 'notary-target-mismatch' },
    })
  }
  return { mediaType, digest, size }
}

/** @throws CheckError ATTESTOR_PAYLOAD_INVALID */
export function readUserMetadata(artifact: Json | undefined): ReadonlyMap<string, string> {
  const annotations = ownMember(artifact, 'annotations')
  if (annotations === undefined) return new Map()
  const entries = isJsonObject(annotations) ? Object.entries(annotations) : undefined
  const texts = entries?.flatMap(([name, value]) => (typeof value === 'string' ? [[name, value] as const] : []))
  if (!texts || texts.length !== entries?.length)
    throw new CheckError('ATTESTOR_PAYLOAD_INVALID', 'user metadata of the payload: expected strings')
  return new Map(texts)
}

/**
 * Rejects a payload of another artifact. Digest, size and media type must all be equal: a digest alone does not say how
 * the bytes are to be read.
 *
 * @throws CheckError ATTESTOR_PAYLOAD_MISMATCH
 */
export function checkTarget({ target }: SignedPayload, expected: TargetDescriptor): void {
  if (target.digest === expected.digest && target.size === expected.size && target.mediaType === expected.mediaType)
    return
  throw new CheckError('ATTESTOR_PAYLOAD_MISMATCH', 'the signature is for another artifact', {
    expected: `${expected.mediaType} ${expected.digest} ${expected.size}`,
    detail: { kind: 'notary-target-mismatch' },
  })
}

/**
 * Rejects a payload without the required user metadata.
 *
 * @throws CheckError ATTESTOR_ANNOTATION_MISMATCH
 */
export function checkUserMetadata({ userMetadata }: SignedPayload, required: Readonly<Record<string, string>>): void {
  const missing = Object.entries(required).find(([name, value]) => userMetadata.get(name) !== value)
  if (!missing) return
  throw new CheckError('ATTESTOR_ANNOTATION_MISMATCH', 'the signature does not have the required user metadata', {
    expected: `${missing[0]}=${missing[1]}`,
    detail: { kind: 'notary-metadata-missing' },
  })
}
