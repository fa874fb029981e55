import type { SignatureVerifier } from '@verify-images/attestor-evaluator'
import type { RevocationChecker } from '@verify-images/notary'

/**
 * Returns the verifier of Notary Project signatures, which is loaded when the first rule of that type asks for it: with
 * CBOR, JOSE, OCSP and CRLs it is as large as the rest of what a policy with a key needs.
 */
export function notaryVerifier(revocation: RevocationChecker | undefined): SignatureVerifier {
  let loading: Promise<SignatureVerifier> | undefined
  const load = (): Promise<SignatureVerifier> => (loading ??= loadNotary(revocation))
  return {
    signatureType: 'Notary',
    verifySignature: async (request, run) => (await load()).verifySignature(request, run),
    verifyAttestations: async (request, run) => (await load()).verifyAttestations(request, run),
  }
}

async function loadNotary(revocation: RevocationChecker | undefined): Promise<SignatureVerifier> {
  const { createNotaryVerifier } = await import('@verify-images/notary')
  return createNotaryVerifier(revocation && { revocation })
}
