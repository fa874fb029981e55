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
 * An image of a signing world. Each signing method attaches to the image and returns the same image.
 *
 * A signature by a key with a certificate contains the certificate.
 */
export interface TestImage {
  readonly reference: string
  readonly digest: Digest
  /** The descriptor of its manifest. */
  readonly descriptor: Descriptor
  /** A cosign signature at the `.sig` tag. */
  readonly signedBy: (
    key: SigningKey | CertifiedKey,
    annotations?: SigningOptions['annotations'],
    options?: SigningOptions,
  ) => TestImage
  /** A cosign signature with a certificate that is valid for ten minutes, logged in Rekor. */
  readonly signedKeylessly: (identity: KeylessIdentity, options?: SigningOptions) => TestImage
  /** A cosign attestation at the `.att` tag. */
  readonly attestedBy: AttestedBy
  readonly attestedKeylessly: (
    identity: KeylessIdentity,
    attestation: Attestation,
    options?: SigningOptions,
  ) => TestImage
  /** A Sigstore bundle that refers to the image, as cosign 3 makes by default. */
  readonly bundledBy: (key: SigningKey | CertifiedKey, options?: BundleOptions) => TestImage
  readonly bundledKeylessly: (identity: KeylessIdentity, options?: BundleOptions) => TestImage
  /** A bundle that another tool made for this image. */
  readonly withBundle: (bundle: object) => TestImage
  /** A bundle with provenance of a workflow run, as `actions/attest-build-provenance` makes. */
  readonly attestedByGitHub: (run: GitHubWorkflow, options?: SigningOptions) => TestImage
  /** A Notary Project signature. */
  readonly notarizedBy: (key: CertifiedKey, options?: NotaryOptions) => TestImage
  /** A JSON document that refers to the image, and a Notary Project signature that refers to the document. */
  readonly notaryAttestedBy: (
    key: CertifiedKey,
    artifactType: string,
    document: unknown,
    options?: NotaryOptions,
  ) => TestImage
  /** Removes all signatures and attestations. */
  readonly unsigned: () => TestImage
  /** Removes all signatures and attestations, and adds a cosign signature. */
  readonly resignedBy: (key: SigningKey | CertifiedKey) => TestImage
  /** Adds the signatures and attestations of another image: a replay, which every verifier must reject. */
  readonly withSignaturesOf: (other: TestImage) => TestImage
}

export interface AttestedBy {
  (key: SigningKey | CertifiedKey, attestation: Attestation, options?: SigningOptions): TestImage
  (key: SigningKey | CertifiedKey, predicateType: string, predicate: unknown, options?: SigningOptions): TestImage
}
