import type { CertificateDetail, Reason } from '@verify-images/primitives'

/** Returns Go's crypto/x509 words for what is wrong with a certificate. */
export function certificateText(_detail: CertificateDetail, { message }: Reason): string {
  return message
}
