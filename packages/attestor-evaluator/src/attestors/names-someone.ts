import { CheckError } from '@verify-images/primitives'
import type { AttestorOptions } from '../attestor-options.ts'

/**
 * Whether an attestor says who has to sign. One that does not is satisfied by anybody for whom the public certificate
 * authority has made a certificate, which is everybody.
 */
export function namesSomeone({ kind, key, certificate, certificateChain, identity }: AttestorOptions): boolean {
  switch (kind) {
    case 'keys':
      return key !== undefined
    case 'certificates':
      return certificate !== undefined || certificateChain !== undefined
    case 'keyless':
      return [identity.subject, identity.subjectRegExp, identity.issuer, identity.issuerRegExp].some(
        (field) => field !== undefined,
      )
    case 'none':
      return false
  }
}

/**
 * Refuses what such an attestor let in.
 *
 * @throws CheckError ATTESTOR_POLICY_INVALID
 */
export function requireNamedSigner(attestor: AttestorOptions): void {
  if (namesSomeone(attestor)) return
  throw new CheckError('ATTESTOR_POLICY_INVALID', 'the attestor names nobody, so anyone would satisfy it', {
    difference: attestor.kind === 'keyless' ? 'crt-empty-identity' : 'S8',
  })
}
