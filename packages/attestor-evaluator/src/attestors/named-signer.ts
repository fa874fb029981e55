import { CheckError } from '@verify-images/primitives'
import type { AttestorOptions } from '../attestor-options.ts'

/**
 * Tells whether an attestor says who must have signed. One that does not is satisfied by anyone: the public certificate
 * authority issues a certificate to everybody.
 */
export function namesSigner(attestor: AttestorOptions): boolean {
  switch (attestor.kind) {
    case 'keys':
      return attestor.key !== undefined
    case 'certificates':
      return attestor.certificate !== undefined || attestor.certificateChain !== undefined
    case 'keyless': {
      const { subject, subjectRegExp, issuer, issuerRegExp } = attestor.identity
      return [subject, subjectRegExp, issuer, issuerRegExp].some((field) => field !== undefined)
    }
    case 'none':
      return false
  }
}

/**
 * Refuses an attestor that names no signer.
 *
 * @throws CheckError ATTESTOR_POLICY_INVALID
 */
export function requireNamedSigner(attestor: AttestorOptions): void {
  if (namesSigner(attestor)) return
  throw new CheckError('ATTESTOR_POLICY_INVALID', 'the attestor names no signer, so anyone would satisfy it', {
    difference: attestor.kind === 'keyless' ? 'crt-empty-identity' : 'S8',
  })
}
