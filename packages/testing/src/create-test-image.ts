import { withMethods, type OptionKind } from '@verify-images/primitives'
import { Attachments } from './attachments.ts'
import { githubWorkflow, type KeylessIdentity } from './authorities/keyless-identity.ts'
import { checkOptions } from './check-options.ts'
import { descriptorOf, jsonContent, type Content } from './content.ts'
import { attestationLayer, COSIGN_LOG_FORMS, signatureLayer } from './cosign-artifacts.ts'
import { bundleReferrer, type BundleOptions } from './formats/bundle-referrer.ts'
import { notaryReferrer } from './formats/notary-referrer.ts'
import { creationTime, makeReferrer } from './formats/referrer.ts'
import { checkAttestation, type Attestation } from './formats/statement.ts'
import { provenance } from './predicates.ts'
import type { RepositoryStore } from './repository-store.ts'
import {
  prepareSigning,
  signingOptions,
  type Signing,
  type SigningOptions,
  type SigningPlace,
} from './signing/signing.ts'
import type { SigningKey } from './signing-key.ts'
import type { TestImage } from './test-image.ts'

export interface PlacedImage {
  readonly reference: string
  /** `host/repository` */
  readonly name: string
  readonly manifest: Content
  readonly store: RepositoryStore
  readonly referrersApi: boolean
}

export const anImage: OptionKind = withMethods('an image of a world', 'signedBy')

/** Of every image, so that one can be given to another. */
const attachmentsOf = new WeakMap<TestImage, Attachments>()

/** One small step for each way to sign; what they share is above them. */
export function createTestImage(
  { reference, name, manifest, store, referrersApi }: PlacedImage,
  place: SigningPlace,
): TestImage {
  const descriptor = descriptorOf(manifest)
  const { digest } = descriptor
  const attachments = new Attachments(store, descriptor, { referrersApi })
  const then = (attach: () => void): TestImage => {
    attach()
    return image
  }
  const prepare = (signer: SigningKey | KeylessIdentity, options: SigningOptions = {}): Signing => {
    checkOptions(options, signingOptions)
    return prepareSigning(signer, options, COSIGN_LOG_FORMS, place)
  }
  const sign = (signer: SigningKey | KeylessIdentity, options?: SigningOptions): TestImage =>
    then(() => attachments.addLayer('sig', signatureLayer(name, digest, prepare(signer, options))))
  const attest = (
    signer: SigningKey | KeylessIdentity,
    attestation: Attestation,
    options?: SigningOptions,
  ): TestImage =>
    then(() => {
      checkAttestation(attestation)
      attachments.addLayer('att', attestationLayer(name, digest, attestation, prepare(signer, options)))
    })
  const bundle = (signer: SigningKey | KeylessIdentity, options: BundleOptions = {}, subjectName?: string): TestImage =>
    then(() =>
      attachments.addReferrer(
        bundleReferrer(
          { descriptor, bytes: manifest.bytes, ...(subjectName !== undefined && { name: subjectName }) },
          signer,
          options,
          place,
        ),
      ),
    )
  const image: TestImage = {
    reference,
    digest,
    descriptor,
    signedBy: (key, annotations, options) => sign(key, { ...options, ...(annotations && { annotations }) }),
    signedKeylessly: sign,
    attestedBy: (key: SigningKey, said: Attestation | string, ...rest: readonly unknown[]): TestImage => {
      const [attestation, options] =
        typeof said === 'string' ? [{ type: said, predicate: rest[0] }, rest[1]] : [said, rest[0]]
      return attest(key, attestation, options as SigningOptions | undefined)
    },
    attestedKeylessly: attest,
    bundledBy: (key, options) => bundle(key, options),
    bundledKeylessly: (identity, options) => bundle(identity, options),
    attestedByGitHub: (run, options) =>
      bundle(
        githubWorkflow(run),
        { ...options, content: provenance(run), entry: options?.log === 'v2' ? 'dsse' : 'intoto' },
        name,
      ),
    notarizedBy: (key, options = {}) =>
      then(() => attachments.addReferrer(notaryReferrer(descriptor, key, options, place))),
    notaryAttestedBy: (key, artifactType, document, options = {}) =>
      then(() => {
        const attested = makeReferrer(descriptor, artifactType, jsonContent('application/json', document), {
          'org.opencontainers.image.created': creationTime(place.now),
        })
        attachments.addReferrer(attested)
        const target = descriptorOf(attested.manifest)
        new Attachments(store, target, { referrersApi }).addReferrer(notaryReferrer(target, key, options, place))
      }),
    unsigned: () => then(() => attachments.clear()),
    resignedBy: (key) => image.unsigned().signedBy(key),
    withSignaturesOf: (other) =>
      then(() => {
        const theirs = attachmentsOf.get(other)
        if (theirs === undefined) throw new RangeError('the other image is of no world')
        attachments.copyFrom(theirs)
      }),
  }
  attachmentsOf.set(image, attachments)
  return image
}
