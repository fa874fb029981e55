import { aString, recordOf, withMethods, type OptionKind } from '@verify-images/primitives'
import { Attachments } from './attachments.ts'
import { assertIdentity, githubWorkflow, type KeylessIdentity } from './authorities/keyless-identity.ts'
import { aJsonValue, aName, checkValue } from './check-options.ts'
import { descriptorOf, jsonContent, type Content } from './content.ts'
import { attestationLayer, COSIGN_LOG_EVIDENCE, signatureLayer } from './cosign-artifacts.ts'
import { bundleReferrer, type BundleOptions } from './formats/bundle-referrer.ts'
import { notaryReferrer } from './formats/notary-referrer.ts'
import { creationTime, makeReferrer } from './formats/referrer.ts'
import { assertAttestation, type Attestation } from './formats/statement.ts'
import { provenance } from './predicates.ts'
import type { RepositoryStore } from './repository-store.ts'
import {
  assertSigningOptions,
  prepareSigning,
  signingOptions,
  type Signing,
  type SigningOptions,
  type SigningDefaults,
} from './signing/signing.ts'
import { assertSigningKey, type SigningKey } from './signing-key.ts'
import type { TestImage } from './test-image.ts'

export interface PlacedImage {
  readonly reference: string
  /** `host/repository` */
  readonly name: string
  readonly manifest: Content
  readonly store: RepositoryStore
  readonly referrersApi: boolean
}

export const anImage: OptionKind = withMethods('an image of a signing world', 'signedBy')

/** The attachments of each image, so that {@link TestImage.withSignaturesOf} can read those of another one. */
const attachmentsOf = new WeakMap<TestImage, Attachments>()

/** Every signing method checks its arguments and prepares its signature before it changes the repository. */
export function createTestImage(
  { reference, name, manifest, store, referrersApi }: PlacedImage,
  defaults: SigningDefaults,
): TestImage {
  const descriptor = descriptorOf(manifest)
  const { digest } = descriptor
  const attachments = new Attachments(store, descriptor, { referrersApi })

  function prepare(signer: SigningKey | KeylessIdentity, options: SigningOptions = {}): Signing {
    assertSigningOptions(options)
    return prepareSigning(signer, options, COSIGN_LOG_EVIDENCE, defaults)
  }
  function sign(signer: SigningKey | KeylessIdentity, options?: SigningOptions): TestImage {
    attachments.addLayer('sig', signatureLayer(name, digest, prepare(signer, options)))
    return image
  }
  function attest(signer: SigningKey | KeylessIdentity, attestation: Attestation, options?: SigningOptions): TestImage {
    assertAttestation(attestation)
    attachments.addLayer('att', attestationLayer(name, digest, attestation, prepare(signer, options)))
    return image
  }
  function bundle(signer: SigningKey | KeylessIdentity, options: BundleOptions = {}, subjectName?: string): TestImage {
    const subject = { descriptor, bytes: manifest.bytes, ...(subjectName !== undefined && { name: subjectName }) }
    attachments.addReferrer(bundleReferrer(subject, signer, options, defaults))
    return image
  }

  const image: TestImage = {
    reference,
    digest,
    descriptor,
    signedBy: (key, annotations, options) => sign(checkedKey(key), withAnnotations(annotations, options)),
    signedKeylessly: (identity, options) => sign(checkedIdentity(identity), options),
    attestedBy: (...args: readonly unknown[]): TestImage => {
      const [key, attestation, options] = attestedByArguments(args)
      return attest(key, attestation, options)
    },
    attestedKeylessly: (identity, attestation, options) => attest(checkedIdentity(identity), attestation, options),
    bundledBy: (key, options) => bundle(checkedKey(key), options),
    bundledKeylessly: (identity, options) => bundle(checkedIdentity(identity), options),
    withBundle: (made) => {
      checkValue(made, aJsonValue, 'bundle')
      const mediaType = 'mediaType' in made && typeof made.mediaType === 'string' ? made.mediaType : ''
      if (mediaType === '') throw new RangeError('`bundle`: expected a Sigstore bundle with a `mediaType`')
      const created = { 'org.opencontainers.image.created': creationTime(defaults.now) }
      attachments.addReferrer(makeReferrer(descriptor, mediaType, jsonContent(mediaType, made), created))
      return image
    },
    attestedByGitHub: (run, options = {}) => {
      assertSigningOptions(options)
      const entry = options.log === 'v2' ? 'dsse' : 'intoto'
      return bundle(githubWorkflow(run), { ...options, content: provenance(run), entry }, name)
    },
    notarizedBy: (key, options = {}) => {
      attachments.addReferrer(notaryReferrer(descriptor, key, options, defaults))
      return image
    },
    notaryAttestedBy: (key, artifactType, document, options = {}) => {
      checkValue(artifactType, aName, 'artifactType')
      checkValue(document, aJsonValue, 'document')
      const attested = makeReferrer(descriptor, artifactType, jsonContent('application/json', document), {
        'org.opencontainers.image.created': creationTime(defaults.now),
      })
      const target = descriptorOf(attested.manifest)
      const signature = notaryReferrer(target, key, options, defaults)
      attachments.addReferrer(attested)
      new Attachments(store, target, { referrersApi }).addReferrer(signature)
      return image
    },
    unsigned: () => {
      attachments.clear()
      return image
    },
    resignedBy: (key) => {
      checkedKey(key)
      return image.unsigned().signedBy(key)
    },
    withSignaturesOf: (other) => {
      const theirs = attachmentsOf.get(other)
      if (theirs === undefined) throw new RangeError('`other` must be an image of a signing world')
      attachments.copyFrom(theirs)
      return image
    },
  }
  attachmentsOf.set(image, attachments)
  return image
}

function checkedKey(key: unknown): SigningKey {
  assertSigningKey(key)
  return key
}

function checkedIdentity(identity: unknown): KeylessIdentity {
  assertIdentity(identity)
  return identity
}

/**
 * Merges the annotations of `signedBy(key, annotations, options)` into its options.
 *
 * `signedBy(key, { flaw })` would sign an annotation called `flaw` and leave the signature intact.
 */
function withAnnotations(annotations: SigningOptions['annotations'], options: SigningOptions = {}): SigningOptions {
  assertSigningOptions(options)
  if (annotations === undefined) return options
  checkValue(annotations, recordOf(aString), 'annotations')
  const misplaced = Object.keys(annotations).find((name) => Object.hasOwn(signingOptions, name))
  if (misplaced !== undefined)
    throw new RangeError(`\`annotations.${misplaced}\` is an option: pass it as signedBy(key, annotations, options)`)
  if (options.annotations !== undefined)
    throw new RangeError('`annotations` must be given once, as an argument or as an option')
  return { ...options, annotations }
}

/** Reads both forms: `(key, attestation, options?)` and `(key, predicateType, predicate, options?)`. */
function attestedByArguments(args: readonly unknown[]): readonly [SigningKey, Attestation, SigningOptions | undefined] {
  const [key, statement, ...rest] = args
  const [attestation, options, ...surplus] =
    typeof statement === 'string' ? [{ type: statement, predicate: rest[0] }, ...rest.slice(1)] : [statement, ...rest]
  assertAttestation(attestation)
  if (options !== undefined) assertSigningOptions(options)
  if (surplus.length > 0) throw new RangeError('attestedBy takes a predicate only after a predicate type')
  return [checkedKey(key), attestation, options]
}
