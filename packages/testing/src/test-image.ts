import { Attachments } from './attachments.ts'
import { githubWorkflow, type GitHubWorkflow, type KeylessIdentity } from './authorities/keyless-identity.ts'
import { descriptorOf, jsonContent, type Content, type Descriptor, type Digest } from './content.ts'
import { attestationLayer, COSIGN_LOG_FORMS, signatureLayer } from './cosign-artifacts.ts'
import { makeCoseEnvelope, makeJwsEnvelope, thumbprints, type NotarySigning } from './formats/notary-envelope.ts'
import { creationTime, makeReferrer, type Referrer } from './formats/referrer.ts'
import { BUNDLE_LOG_FORMS, BUNDLE_MEDIA_TYPES, makeBundle, type BundleVersion } from './formats/sigstore-bundle.ts'
import type { LogEntryKind } from './formats/log-body.ts'
import type { Attestation } from './formats/statement.ts'
import { provenance } from './predicates.ts'
import type { RepositoryStore } from './repository-store.ts'
import type { CertifiedKey } from './signing/certified-key.ts'
import { prepareNotarySigning, type NotaryOptions } from './signing/notary-signing.ts'
import { prepareSigning, type SigningOptions, type SigningPlace } from './signing/signing.ts'
import type { SigningKey } from './signing-key.ts'

export interface BundleOptions extends SigningOptions {
  /** 0.3 unless given. Kyverno and cosign read older ones from no registry. */
  readonly version?: BundleVersion
  /** What is said of the image; unless given, cosign's own statement that it is signed. `message` signs the manifest itself. */
  readonly content?: 'message' | Attestation
  /** How a log takes a statement in; `dsse` in Rekor v1 and `hashedrekord` in v2 unless given. */
  readonly entry?: LogEntryKind
}

/**
 * An image of the world. Signing it adds to what its repository holds and gives the same image back.
 *
 * Keys with a certificate bring it along; plain keys do not.
 */
export interface TestImage {
  readonly reference: string
  readonly digest: Digest
  /** Type, digest and size of its manifest. */
  readonly descriptor: Descriptor
  /** A cosign signature at the `.sig` tag. */
  readonly signedBy: (key: SigningKey | CertifiedKey, annotations?: SigningOptions['annotations'], options?: SigningOptions) => TestImage
  /** The same by a certificate of ten minutes, logged in Rekor. */
  readonly signedKeylessly: (identity: KeylessIdentity, options?: SigningOptions) => TestImage
  /** A cosign attestation at the `.att` tag. */
  readonly attestedBy: AttestedBy
  readonly attestedKeylessly: (identity: KeylessIdentity, attestation: Attestation, options?: SigningOptions) => TestImage
  /** A Sigstore bundle that refers to the image, as cosign 3 makes it. */
  readonly bundledBy: (key: SigningKey | CertifiedKey, options?: BundleOptions) => TestImage
  readonly bundledKeylessly: (identity: KeylessIdentity, options?: BundleOptions) => TestImage
  /** A bundle with the provenance of a workflow's run, as `actions/attest-build-provenance` makes it. */
  readonly attestedByGitHub: (run: GitHubWorkflow, options?: SigningOptions) => TestImage
  /** A signature of the Notary Project. */
  readonly notarizedBy: (key: CertifiedKey, options?: NotaryOptions) => TestImage
  /** A document that refers to the image, with a signature of the Notary Project that refers to the document. */
  readonly notaryAttestedBy: (key: CertifiedKey, artifactType: string, document: unknown, options?: NotaryOptions) => TestImage
  /** Takes off everything that is attached to the image. */
  readonly unsigned: () => TestImage
  /** Takes everything off, and signs anew. */
  readonly resignedBy: (key: SigningKey | CertifiedKey) => TestImage
  /** Attaches what is attached to another image: a replay, which no verifier may accept. */
  readonly withSignaturesOf: (other: TestImage) => TestImage
}

export interface AttestedBy {
  (key: SigningKey | CertifiedKey, attestation: Attestation, options?: SigningOptions): TestImage
  (key: SigningKey | CertifiedKey, predicateType: string, predicate: unknown, options?: SigningOptions): TestImage
}

export interface PlacedImage {
  readonly reference: string
  /** `host/repository` */
  readonly name: string
  readonly manifest: Content
  readonly store: RepositoryStore
  readonly referrersApi: boolean
}

const COSIGN_STATEMENT: Attestation = { type: 'https://sigstore.dev/cosign/sign/v1', predicate: {} }
const NOTARY_SIGNATURE = 'application/vnd.cncf.notary.signature'
/** Of every image, so that one can be given to another. */
const attachmentsOf = new WeakMap<TestImage, Attachments>()

export function createTestImage({ reference, name, manifest, store, referrersApi }: PlacedImage, place: SigningPlace): TestImage {
  const descriptor = descriptorOf(manifest)
  const { digest } = descriptor
  const attachments = new Attachments(store, descriptor, { referrersApi })
  const then = (attach: () => void): TestImage => {
    attach()
    return image
  }
  const sign = (signer: SigningKey | KeylessIdentity, options: SigningOptions = {}): TestImage =>
    then(() => attachments.addLayer('sig', signatureLayer(name, digest, prepareSigning(signer, options, COSIGN_LOG_FORMS, place))))
  const attest = (signer: SigningKey | KeylessIdentity, attestation: Attestation, options: SigningOptions = {}): TestImage =>
    then(() => attachments.addLayer('att', attestationLayer(name, digest, attestation, prepareSigning(signer, options, COSIGN_LOG_FORMS, place))))
  const bundle = (signer: SigningKey | KeylessIdentity, options: BundleOptions = {}, subjectName?: string): TestImage =>
    then(() => attachments.addReferrer(bundleReferrer({ descriptor, bytes: manifest.bytes, ...(subjectName !== undefined && { name: subjectName }) }, signer, options, place)))
  const notarize = (target: Descriptor, key: CertifiedKey, options: NotaryOptions | undefined): Referrer =>
    notaryReferrer(target, prepareNotarySigning(key, options, place), options)
  const image: TestImage = {
    reference,
    digest,
    descriptor,
    signedBy: (key, annotations, options) => sign(key, { ...options, ...(annotations && { annotations }) }),
    signedKeylessly: sign,
    attestedBy: (key: SigningKey, said: Attestation | string, ...rest: readonly unknown[]): TestImage => {
      const [attestation, options] = typeof said === 'string' ? [{ type: said, predicate: rest[0] }, rest[1]] : [said, rest[0]]
      return attest(key, attestation, options as SigningOptions | undefined)
    },
    attestedKeylessly: attest,
    bundledBy: (key, options) => bundle(key, options),
    bundledKeylessly: (identity, options) => bundle(identity, options),
    attestedByGitHub: (run, options) => bundle(githubWorkflow(run), { ...options, content: provenance(run), entry: options?.log === 'v2' ? 'dsse' : 'intoto' }, name),
    notarizedBy: (key, options) => then(() => attachments.addReferrer(notarize(descriptor, key, options))),
    notaryAttestedBy: (key, artifactType, document, options) => then(() => {
      const attested = makeReferrer(descriptor, artifactType, jsonContent('application/json', document), { 'org.opencontainers.image.created': creationTime(place.now) })
      attachments.addReferrer(attested)
      const target = descriptorOf(attested.manifest)
      new Attachments(store, target, { referrersApi }).addReferrer(notarize(target, key, options))
    }),
    unsigned: () => then(() => attachments.clear()),
    resignedBy: (key) => image.unsigned().signedBy(key),
    withSignaturesOf: (other) => then(() => {
      const theirs = attachmentsOf.get(other)
      if (theirs === undefined) throw new RangeError('the other image is of no world')
      attachments.copyFrom(theirs)
    }),
  }
  attachmentsOf.set(image, attachments)
  return image
}

function bundleReferrer(subject: Parameters<typeof makeBundle>[1], signer: SigningKey | KeylessIdentity, options: BundleOptions, place: SigningPlace): Referrer {
  const { version = '0.3', content = COSIGN_STATEMENT, entry = options.log === 'v2' ? 'hashedrekord' : 'dsse' } = options
  const signing = prepareSigning(signer, options, BUNDLE_LOG_FORMS[version], place)
  return makeReferrer(subject.descriptor, BUNDLE_MEDIA_TYPES[version], makeBundle(signing, subject, { version, content, entry }), {
    'dev.sigstore.bundle.content': content === 'message' ? 'message-signature' : 'dsse-envelope',
    ...(content !== 'message' && { 'dev.sigstore.bundle.predicateType': content.type }),
    'org.opencontainers.image.created': creationTime(signing.at),
  })
}

function notaryReferrer(target: Descriptor, signing: NotarySigning & { readonly target: (descriptor: Descriptor) => Descriptor }, { envelope = 'jws' }: NotaryOptions = {}): Referrer {
  const content = (envelope === 'cose' ? makeCoseEnvelope : makeJwsEnvelope)(signing.target(target), signing)
  return makeReferrer(target, NOTARY_SIGNATURE, content, {
    'io.cncf.notary.x509chain.thumbprint#S256': thumbprints(signing.key),
    'org.opencontainers.image.created': creationTime(signing.at),
  })
}
