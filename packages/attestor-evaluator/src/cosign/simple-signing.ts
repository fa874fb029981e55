import {
  CheckError,
  type Digest,
  isJsonObject,
  isJsonText,
  type Json,
  jsonForm,
  misshapenMember,
  ofForm,
  ownMember,
  parseVerifiedPayload,
  printableText,
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

const form = jsonForm({
  critical: ofForm(
    jsonForm({
      identity: ofForm(jsonForm({ 'docker-reference': isJsonText })),
      image: ofForm(jsonForm({ 'docker-manifest-digest': isJsonText })),
      type: isJsonText,
    }),
  ),
  optional: isJsonObject,
})

/**
 * Parses the payload of an image signature, which must have been verified.
 *
 * Go reads a known name in any case, and of two takes the later one: `Docker-Manifest-Digest` would hide the digest
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
  if (!isJsonObject(document)) throw invalid('an object')
  const misshapen = misshapenMember(document, form)
  if (misshapen !== undefined)
    throw invalid(`\`${printableText(misshapen, 40)}\` as in containers-signature(5), in spelling and type`)
  const critical = ownMember(document, 'critical')
  const optional = ownMember(document, 'optional') ?? {}
  // A literal `__proto__` from outside must stay a plain name.
  const annotations = Object.fromEntries(
    Object.entries(optional).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  )
  return {
    type: textAt(critical, 'type'),
    digest: textAt(ownMember(critical, 'image'), 'docker-manifest-digest'),
    repository: textAt(ownMember(critical, 'identity'), 'docker-reference'),
    annotations,
  }
}

function textAt(object: Json | undefined, name: string): string {
  const text = ownMember(object, name)
  return typeof text === 'string' ? text : ''
}

function invalid(expected: string): CheckError {
  return new CheckError('ATTESTOR_PAYLOAD_INVALID', `signed payload: expected ${expected}`)
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
