import {
  CheckError,
  type Digest,
  hasFoldedTwins,
  isJsonObject,
  ownMember,
  parseVerifiedPayload,
} from '@verify-images/primitives'
import { MAX_SIMPLE_SIGNING_BYTES } from '../limits.ts'

/**
 * The type of a payload that signs a container image.
 *
 * cosign writes it (sigstore/sigstore, pkg/signature/payload, `CosignSignatureType`), and so does containers/image for
 * signatures in cosign's format, which reads no other (signature/internal, `sigstoreSignatureType`). The `atomic
 * container signature` of containers/image is for OpenPGP signatures, which are not stored this way.
 */
const IMAGE_SIGNATURE_TYPE = 'cosign container image signature'

/** The payload of an image signature. */
export interface SimpleSigning {
  readonly type: string
  readonly digest: string
  readonly repository: string
  /** The members of `optional` that are strings. */
  readonly annotations: Readonly<Record<string, string>>
}

/**
 * Parses the payload of an image signature, which must have been verified.
 *
 * Of two keys that differ only in their case, Go takes the later one: `Docker-Manifest-Digest` would hide the digest
 * that is compared here. Such a payload is refused at every depth that Go decodes into structs; `optional` is a map.
 *
 * @throws CheckError ATTESTOR_PAYLOAD_INVALID, ATTESTOR_LIMIT_EXCEEDED
 * @see https://github.com/containers/image/blob/main/docs/containers-signature.5.md
 */
export function parseSimpleSigning(payload: Uint8Array): SimpleSigning {
  if (payload.length > MAX_SIMPLE_SIGNING_BYTES)
    throw new CheckError(
      'ATTESTOR_LIMIT_EXCEEDED',
      `signed payload: expected at most ${MAX_SIMPLE_SIGNING_BYTES} bytes, got ${payload.length}`,
    )
  const document = parseVerifiedPayload(payload, 'the signed payload')
  const critical = ownMember(document, 'critical')
  const image = ownMember(critical, 'image')
  const identity = ownMember(critical, 'identity')
  if ([critical, image, identity].some(hasFoldedTwins)) {
    throw new CheckError(
      'ATTESTOR_PAYLOAD_INVALID',
      'signed payload: expected keys of `critical` that differ in more than their case',
    )
  }
  const digest = ownMember(image, 'docker-manifest-digest') ?? ''
  const repository = ownMember(identity, 'docker-reference') ?? ''
  const type = ownMember(critical, 'type') ?? ''
  const optional = ownMember(document, 'optional') ?? {}
  if (
    typeof digest !== 'string' ||
    typeof repository !== 'string' ||
    typeof type !== 'string' ||
    !isJsonObject(optional)
  ) {
    throw new CheckError(
      'ATTESTOR_PAYLOAD_INVALID',
      'signed payload: expected strings as digest, reference and type, and an object as `optional`',
    )
  }
  // A literal `__proto__` from outside must stay a plain name.
  const annotations = Object.fromEntries(
    Object.entries(optional).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  )
  return { type, digest, repository, annotations }
}

/**
 * Requires that a payload is about exactly this digest.
 *
 * @throws CheckError ATTESTOR_PAYLOAD_MISMATCH
 */
export function requireSignedDigest(signed: SimpleSigning, digest: Digest): void {
  if (signed.digest === digest) return
  throw new CheckError('ATTESTOR_PAYLOAD_MISMATCH', 'the signed payload is about another digest', {
    expected: digest,
    actual: signed.digest,
    detail: { kind: 'attestor-signed-digest-mismatch', actual: signed.digest },
  })
}

/**
 * Requires the type of an image signature: other signed JSON that has a digest in the same place is not one.
 *
 * @throws CheckError ATTESTOR_PAYLOAD_INVALID
 */
export function requireImageSignature({ type }: SimpleSigning): void {
  if (type === IMAGE_SIGNATURE_TYPE) return
  throw new CheckError('ATTESTOR_PAYLOAD_INVALID', 'the signed payload is not a container image signature', {
    expected: IMAGE_SIGNATURE_TYPE,
    actual: type.slice(0, 80),
    difference: 'sig-payload-type',
  })
}

/**
 * Requires that a payload names the image's repository, so that a signature cannot be copied from another one.
 *
 * @throws CheckError ATTESTOR_PAYLOAD_MISMATCH
 */
export function requireSignedRepository(signed: SimpleSigning, repository: string): void {
  const [named = ''] = signed.repository.split('@', 1)
  const tag = named.indexOf(':', named.lastIndexOf('/') + 1)
  if (repository === (tag < 0 ? named : named.slice(0, tag))) return
  throw new CheckError('ATTESTOR_PAYLOAD_MISMATCH', 'the signature was made for another repository', {
    expected: repository,
    actual: signed.repository,
    difference: 'S26',
  })
}

/** Returns whether every required annotation was signed with exactly its value. */
export function hasAnnotations(
  signed: Readonly<Record<string, string>>,
  required: Readonly<Record<string, string>>,
): boolean {
  return Object.entries(required).every(([name, value]) => Object.hasOwn(signed, name) && signed[name] === value)
}
