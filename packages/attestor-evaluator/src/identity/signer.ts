import type { Certificate } from '@verify-images/x509'
import type { Signer } from '../outcome.ts'
import type { VerificationKey } from '../keys/verification-key.ts'
import { readClaims } from './certificate-claims.ts'
import { subjectNames } from './certificate-names.ts'

/** Describes a key as a signer. */
export function keySigner({ publicKey, algorithm }: VerificationKey): Signer {
  return { kind: 'key', fingerprint: publicKey.fingerprint, algorithm }
}

/** Describes the holder of a certificate as a signer. */
export function certificateSigner(certificate: Certificate): Extract<Signer, { readonly kind: 'certificate' }> {
  return {
    kind: 'certificate',
    fingerprint: certificate.publicKey.fingerprint,
    subject: certificate.subject.text,
    issuer: certificate.issuer.text,
    serialNumber: certificate.serialNumber.toString(16),
    notBefore: certificate.notBefore.toISOString(),
    notAfter: certificate.notAfter.toISOString(),
    subjectAltNames: subjectNames(certificate),
    claims: readClaims(certificate),
  }
}

/**
 * Returns the names of a signer. Two signers that share a name are the same one.
 *
 * Every signer is named by the fingerprint of its key, with or without a certificate. The holder of a short-lived
 * certificate is also named by its identity, because it gets a new key for every signature.
 */
export function signerNames(signer: Signer): readonly [string, ...string[]] {
  const key = `key ${signer.fingerprint}`
  if (signer.kind === 'key' || signer.claims['oidcIssuer'] === undefined || signer.subjectAltNames.length === 0)
    return [key]
  return [key, `identity ${JSON.stringify([signer.claims['oidcIssuer'], ...signer.subjectAltNames.toSorted()])}`]
}
