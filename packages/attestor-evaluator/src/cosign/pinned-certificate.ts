import {
  type AttestorCode,
  type AttestorStep,
  CheckError,
  decodeGoBase64,
  duringSync,
  StepError,
} from '@verify-images/primitives'
import { buildChain, type Certificate, CertificateError, parseCertificates } from '@verify-images/x509'
import { MAX_CHAIN_CERTIFICATES } from '../limits.ts'
import type { CertificateAuthority } from '../sigstore/trust-material.ts'
import { privateLeaf } from '../sigstore/verify-certificate.ts'
import { untrusted } from './signing-certificate.ts'

/**
 * Returns the certificate that a policy pins, from PEM or base64 of PEM; the first of several.
 *
 * @throws CheckError ATTESTOR_POLICY_INVALID
 */
export function parsePinnedCertificate(text: string): Certificate {
  const pem = decodeGoBase64(text)?.toString('utf8') || text
  return refuse({ kind: 'attestor-load-certificate', text }, 'certificate', () =>
    parseCertificates(pem, { maxBlocks: MAX_CHAIN_CERTIFICATES }),
  )[0]
}

/**
 * Returns the certificates of a `certChain` without a `cert`: each of them is a trust anchor.
 *
 * @throws CheckError ATTESTOR_POLICY_INVALID
 */
export function parseTrustAnchors(pem: string): CertificateAuthority {
  const roots = refuse({ kind: 'attestor-load-trust-anchors' }, 'trust-anchors', () => parseCertificates(pem))
  return { uri: '', roots, intermediates: [], window: {}, isPrivate: true }
}

/**
 * Returns the issuers of a pinned certificate from the chain in the policy: intermediates first, the root last.
 *
 * @param accept whether such an attestor may pass at all. Kyverno requires an SCT before it has loaded the keys of
 *   certificate transparency logs, so none ever passes there.
 * @throws CheckError ATTESTOR_POLICY_INVALID, ATTESTOR_CERTIFICATE_…, ATTESTOR_SCT_INVALID
 */
export function parsePinnedChain(certificate: Certificate, pem: string, accept: boolean): readonly Certificate[] {
  const count = pem.split('-----BEGIN CERTIFICATE-----').length - 1
  if (count > MAX_CHAIN_CERTIFICATES) {
    throw new CheckError(
      'ATTESTOR_LIMIT_EXCEEDED',
      `certificate chain of the policy: expected at most ${MAX_CHAIN_CERTIFICATES} certificates, got ${count}`,
      {
        detail: { kind: 'attestor-certificate-chain-too-long', count, limit: MAX_CHAIN_CERTIFICATES },
      },
    )
  }
  const chain = refuse({ kind: 'attestor-load-certificate-chain' }, 'certificate', () =>
    parseCertificates(pem, { maxBlocks: MAX_CHAIN_CERTIFICATES }),
  )
  const step = { kind: 'attestor-validate-certificate-chain' } as const
  const path = duringSync(step, () => issuersOf(certificate, chain))
  if (accept) return path
  throw new StepError(
    step,
    new CheckError('ATTESTOR_SCT_INVALID', 'Kyverno accepts nothing for an attestor with both `cert` and `certChain`', {
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
      ...privateLeaf,
    }).slice(1)
  } catch (error) {
    throw untrusted(error)
  }
}

function refuse<Value>(step: AttestorStep, what: 'certificate' | 'trust-anchors', parse: () => Value): Value {
  try {
    return parse()
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error
    const code: AttestorCode =
      error.code === 'CERTIFICATE_LIMIT_EXCEEDED' ? 'ATTESTOR_LIMIT_EXCEEDED' : 'ATTESTOR_POLICY_INVALID'
    throw new StepError(
      step,
      new CheckError(code, `invalid certificates of the policy: ${error.message}`, {
        detail: error.detail ?? { kind: 'attestor-pem-invalid', of: what },
        cause: error,
      }),
    )
  }
}
