import type { ReasonDetail } from '@verify-images/primitives'
import type { CertificateError } from '@verify-images/x509'

/** Returns the facts behind a certificate error; `otherwise` where it has none. */
export function certificateDetail(error: CertificateError, otherwise: ReasonDetail): ReasonDetail {
  return error.upstreamText === undefined ? otherwise : { kind: 'text', text: error.upstreamText }
}
