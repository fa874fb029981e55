import type { VerifiedBundle } from './verify-bundle.ts'

/**
 * The predicates whose signer says "this image is mine": cosign's own statement, and the provenance of a build, which is
 * what GitHub attests. A scan, an SBOM or any other report is about an image and vouches for nothing.
 */
const vouchingPredicates: ReadonlySet<string> = new Set([
  'https://sigstore.dev/cosign/sign/v1',
  'https://slsa.dev/provenance/v0.2',
  'https://slsa.dev/provenance/v1',
])

/** Whether a verified bundle is a signature of the image, rather than a statement about it. */
export function isSignature({ statement }: VerifiedBundle): boolean {
  return statement === undefined || vouchingPredicates.has(statement.type)
}
