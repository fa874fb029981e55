import { type AttestorCode, type AttestorStep, CheckError, duringSync, StepError } from '@verify-images/primitives'
import { buildChain, type Certificate, CertificateError, parseCertificates } from '@verify-images/x509'
import { MAX_CHAIN_CERTIFICATES } from '../limits.ts'
import type { CertificateAuthority } from '../sigstore/trust-material.ts'
import { untrusted } from './signing-certificate.ts'

/**
 * The certificate a policy names: PEM, or base64 of PEM. Of several the first.
 *
 * @throws CheckError ATTESTOR_POLICY_INVALID
 */
export function readPinnedCertificate(text: string): Certificate {
  const compact = text.replace(/[\r\n]/g, '')
  const pem =
    /^[A-Za-z0-9+/]+={0,2}$/.test(compact) && compact.length % 4 === 0
      ? Buffer.from(compact, 'base64').toString('utf8')
      : text
  return read({ kind: 'attestor-load-certificate', text }, 'certificate', () =>
    parseCertificates(pem, { maxBlocks: MAX_CHAIN_CERTIFICATES }),
  )[0]
}

/**
 * The certificates of a chain that stands alone: each of them is an anchor.
 *
 * @throws CheckError ATTESTOR_POLICY_INVALID
 */
export function readTrustAnchors(pem: string): CertificateAuthority {
  const roots = read({ kind: 'attestor-load-trust-anchors' }, 'trust-anchors', () => parseCertificates(pem))
  return { uri: '', roots, intermediates: [], window: {} }
}

/**
 * The issuers of a pinned certificate, of which the policy gives the chain: intermediates, and the root last.
 *
 * @param verify without it the answer is Kyverno's: no certificate with a chain is ever accepted, because a certificate
 *   timestamp is demanded before it is known which logs to believe
 * @throws CheckError ATTESTOR_POLICY_INVALID, ATTESTOR_CERTIFICATE_…, ATTESTOR_SCT_INVALID
 */
export function readPinnedChain(certificate: Certificate, pem: string, verify: boolean): readonly Certificate[] {
  const count = pem.split('-----BEGIN CERTIFICATE-----').length - 1
  if (count > MAX_CHAIN_CERTIFICATES) {
    throw new CheckError('ATTESTOR_LIMIT_EXCEEDED', `the chain has ${count} certificates`, {
      detail: { kind: 'attestor-certificate-chain-too-long', count, limit: MAX_CHAIN_CERTIFICATES },
    })
  }
  const chain = read({ kind: 'attestor-load-certificate-chain' }, 'certificate', () =>
    parseCertificates(pem, { maxBlocks: MAX_CHAIN_CERTIFICATES }),
  )
  const step = { kind: 'attestor-validate-certificate-chain' } as const
  const path = duringSync(step, () => issuersOf(certificate, chain))
  if (verify) return path
  throw new StepError(
    step,
    new CheckError('ATTESTOR_SCT_INVALID', 'an attestor with both `cert` and `certChain` never passes in Kyverno', {
      detail: { kind: 'attestor-sct-missing' },
    }),
  )
}

function issuersOf(leaf: Certificate, chain: readonly Certificate[]): readonly Certificate[] {
  try {
    return buildChain({
      leaf,
      intermediates: chain.slice(0, -1),
      roots: chain.slice(-1),
      at: leaf.notBefore,
      usage: 'codeSigning',
    }).slice(1)
  } catch (error) {
    throw untrusted(error)
  }
}

function read<Value>(step: AttestorStep, what: 'certificate' | 'trust-anchors', parse: () => Value): Value {
  try {
    return parse()
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error
    const code: AttestorCode =
      error.code === 'CERTIFICATE_LIMIT_EXCEEDED' ? 'ATTESTOR_LIMIT_EXCEEDED' : 'ATTESTOR_POLICY_INVALID'
    throw new StepError(
      step,
      new CheckError(code, `the certificates of the policy cannot be read: ${error.message}`, {
        detail: error.detail ?? { kind: 'attestor-pem-invalid', of: what },
        cause: error,
      }),
    )
  }
}
