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
 * Every signer is named by the fingerprint of its key, with or without a certificate. The holder of a certificate is
 * also named by its identity: whoever gets a short-lived certificate has a new key for every signature, and a private
 * authority without issuer claims may certify two keys of one person. Without alternative names the subject is the
 * identity.
 */
export function signerNames(signer: Signer): readonly [string, ...string[]] {
  const key = `key ${signer.fingerprint}`
  if (signer.kind === 'key') return [key]
  const { subjectAltNames, subject, claims } = signer
  const names = subjectAltNames.length > 0 ? subjectAltNames.toSorted() : subject === '' ? [] : [subject]
  return names.length === 0 ? [key] : [key, `identity ${JSON.stringify([claims['oidcIssuer'] ?? '', ...names])}`]
}
