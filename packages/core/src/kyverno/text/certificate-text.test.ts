import { expect, test } from 'vitest'
import type { CertificateDetail } from '@verify-images/primitives'
import { certificateText } from './certificate-text.ts'

const validity = { notBefore: '2026-01-01T00:00:00.000Z', notAfter: '2026-01-01T00:10:00.000Z' }

test.each<[detail: CertificateDetail, text: string]>([
  [
    { kind: 'certificate-validity', at: '2026-02-01T00:00:00.500Z', ...validity },
    'x509: certificate has expired or is not yet valid: current time 2026-02-01T00:00:00Z is after ' +
      '2026-01-01T00:10:00Z',
  ],
  [
    { kind: 'certificate-validity', at: '2025-12-31T00:00:00.000Z', ...validity },
    'x509: certificate has expired or is not yet valid: current time 2025-12-31T00:00:00Z is before ' +
      '2026-01-01T00:00:00Z',
  ],
  [{ kind: 'certificate-authority' }, 'x509: certificate signed by unknown authority'],
  [
    {
      kind: 'certificate-authority',
      candidate: { name: 'sigstore', problem: 'ours', detail: { kind: 'certificate-signature', key: 'ec' } },
    },
    'x509: certificate signed by unknown authority (possibly because of "x509: ECDSA verification failure" ' +
      'while trying to verify candidate authority certificate "sigstore")',
  ],
  [
    { kind: 'certificate-authority', candidate: { name: 'a "b"', problem: 'name not permitted' } },
    'x509: certificate signed by unknown authority (possibly because of "name not permitted" while trying to ' +
      'verify candidate authority certificate "a \\"b\\"")',
  ],
  [{ kind: 'certificate-signature', key: 'rsa' }, 'crypto/rsa: verification error'],
  [{ kind: 'certificate-usage' }, 'x509: certificate specifies an incompatible key usage'],
])("prints Go's text for %j", (detail, text) => {
  expect(certificateText(detail)).toBe(text)
})
