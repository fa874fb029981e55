import { buildChain, type Certificate, CertificateError, parseCertificates } from '@verify-images/x509'
import { AttestorError, type AttestorErrorCode } from '../attestor-error.ts'
import { MAX_CHAIN_CERTIFICATES } from '../limits.ts'
import type { CertificateAuthority } from '../sigstore/trust-material.ts'
import { untrusted } from './signing-certificate.ts'

/**
 * The certificate a policy names: PEM, or base64 of PEM. Of several the first.
 *
 * @throws AttestorError ATTESTOR_POLICY_INVALID
 */
export function readPinnedCertificate(text: string): Certificate {
  const compact = text.replace(/[\r\n]/g, '')
  const pem =
    /^[A-Za-z0-9+/]+={0,2}$/.test(compact) && compact.length % 4 === 0
      ? Buffer.from(compact, 'base64').toString('utf8')
      : text
  const prefix = `failed to load certificate from ${text}: failed to unmarshal certificate from PEM format`
  return read(prefix, 'error during PEM decoding', () =>
    parseCertificates(pem, { maxBlocks: MAX_CHAIN_CERTIFICATES }),
  )[0]
}

/**
 * The certificates of a chain that stands alone: each of them is an anchor.
 *
 * @throws AttestorError ATTESTOR_POLICY_INVALID
 */
export function readTrustAnchors(pem: string): CertificateAuthority {
  const roots = read('failed to load certificates', 'error creating root cert pool', () => parseCertificates(pem))
  return { uri: '', roots, intermediates: [], window: {} }
}

/**
 * The issuers of a pinned certificate, of which the policy gives the chain: intermediates, and the root last.
 *
 * @param verify without it the answer is Kyverno's: no certificate with a chain is ever accepted, because a certificate
 *   timestamp is demanded before it is known which logs to believe
 * @throws AttestorError ATTESTOR_POLICY_INVALID, ATTESTOR_CERTIFICATE_…, ATTESTOR_SCT_INVALID
 */
export function readPinnedChain(certificate: Certificate, pem: string, verify: boolean): readonly Certificate[] {
  const count = pem.split('-----BEGIN CERTIFICATE-----').length - 1
  if (count > MAX_CHAIN_CERTIFICATES) {
    throw new AttestorError('ATTESTOR_LIMIT_EXCEEDED', `the chain has ${count} certificates`, {
      upstreamText: `certificate chain too long (${count}), maximum allowed is ${MAX_CHAIN_CERTIFICATES}`,
    })
  }
  const chain = read('failed to load certificate chain', 'error during PEM decoding', () =>
    parseCertificates(pem, { maxBlocks: MAX_CHAIN_CERTIFICATES }),
  )
  const path = within('failed to load validate certificate chain', () => issuersOf(certificate, chain))
  if (verify) return path
  throw new AttestorError(
    'ATTESTOR_SCT_INVALID',
    'an attestor with both `cert` and `certChain` never passes in Kyverno',
    {
      upstreamText:
        'failed to load validate certificate chain: certificate does not include required embedded SCT and no detached SCT was set',
    },
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

function read<Value>(prefix: string, fallback: string, parse: () => Value): Value {
  try {
    return parse()
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error
    const code: AttestorErrorCode =
      error.code === 'CERTIFICATE_LIMIT_EXCEEDED' ? 'ATTESTOR_LIMIT_EXCEEDED' : 'ATTESTOR_POLICY_INVALID'
    throw new AttestorError(code, `the certificates of the policy cannot be read: ${error.message}`, {
      upstreamText: `${prefix}: ${error.upstreamText ?? fallback}`,
      cause: error,
    })
  }
}

function within<Value>(prefix: string, run: () => Value): Value {
  try {
    return run()
  } catch (error) {
    if (!(error instanceof AttestorError)) throw error
    throw new AttestorError(error.code, error.message, {
      ...error.details,
      upstreamText: `${prefix}: ${error.upstreamText}`,
    })
  }
}
