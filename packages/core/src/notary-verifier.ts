import type { SignatureVerifier } from '@verify-images/attestor-evaluator'
import type { RevocationChecker } from '@verify-images/notary'
import type { Policy } from '@verify-images/policy-parser'

/**
 * Returns the verifier of Notary Project signatures. With CBOR, JOSE, OCSP and CRLs it is as large as the rest of what
 * a policy with a key needs, so it is loaded only if a policy asks for it: at once, because loading it blocks the event
 * loop for longer than any review may.
 */
export function notaryVerifier(
  policies: readonly Policy[],
  revocation: RevocationChecker | undefined,
): SignatureVerifier {
  let loading: Promise<SignatureVerifier> | undefined
  const load = (): Promise<SignatureVerifier> => (loading ??= loadNotary(revocation))
  // A failure is reported by the evaluation that needs it.
  if (policies.some(usesNotary)) load().catch(() => undefined)
  return {
    signatureType: 'Notary',
    verifySignature: async (request, run) => (await load()).verifySignature(request, run),
    verifyAttestations: async (request, run) => (await load()).verifyAttestations(request, run),
  }
}

function usesNotary({ spec }: Policy): boolean {
  return spec.rules.some(({ verifyImages = [] }) => verifyImages.some(({ type }) => type === 'Notary'))
}

async function loadNotary(revocation: RevocationChecker | undefined): Promise<SignatureVerifier> {
  const { createNotaryVerifier } = await import('@verify-images/notary')
  return createNotaryVerifier(revocation && { revocation })
}
