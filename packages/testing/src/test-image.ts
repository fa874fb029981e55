import type { Digest } from '@verify-images/primitives'
import type { GitHubWorkflow, KeylessIdentity } from './authorities/keyless-identity.ts'
import type { Descriptor } from './content.ts'
import type { BundleOptions } from './formats/bundle-referrer.ts'
import type { Attestation } from './formats/statement.ts'
import type { CertifiedKey } from './signing/certified-key.ts'
import type { NotaryOptions } from './signing/notary-signing.ts'
import type { SigningOptions } from './signing/signing.ts'
import type { SigningKey } from './signing-key.ts'

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
  readonly signedBy: (
    key: SigningKey | CertifiedKey,
    annotations?: SigningOptions['annotations'],
    options?: SigningOptions,
  ) => TestImage
  /** The same by a certificate of ten minutes, logged in Rekor. */
  readonly signedKeylessly: (identity: KeylessIdentity, options?: SigningOptions) => TestImage
  /** A cosign attestation at the `.att` tag. */
  readonly attestedBy: AttestedBy
  readonly attestedKeylessly: (
    identity: KeylessIdentity,
    attestation: Attestation,
    options?: SigningOptions,
  ) => TestImage
  /** A Sigstore bundle that refers to the image, as cosign 3 makes it. */
  readonly bundledBy: (key: SigningKey | CertifiedKey, options?: BundleOptions) => TestImage
  readonly bundledKeylessly: (identity: KeylessIdentity, options?: BundleOptions) => TestImage
  /** A bundle with the provenance of a workflow's run, as `actions/attest-build-provenance` makes it. */
  readonly attestedByGitHub: (run: GitHubWorkflow, options?: SigningOptions) => TestImage
  /** A signature of the Notary Project. */
  readonly notarizedBy: (key: CertifiedKey, options?: NotaryOptions) => TestImage
  /** A document that refers to the image, with a signature of the Notary Project that refers to the document. */
  readonly notaryAttestedBy: (
    key: CertifiedKey,
    artifactType: string,
    document: unknown,
    options?: NotaryOptions,
  ) => TestImage
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
