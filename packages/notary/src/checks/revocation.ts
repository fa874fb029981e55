import { CheckError, messageOf } from '@verify-images/primitives'
import type { EvaluationBudget, VerificationMemo } from '@verify-images/primitives'
import type { Certificate, CertificateChain } from '@verify-images/x509'
import type { NotaryEvidence } from '../evidence.ts'
import { shown } from '../notary-error.ts'
import type { RevocationAnswer, RevocationChecker } from '../revocation/revocation-checker.ts'

export interface RevocationCheck {
  readonly checker?: RevocationChecker
  readonly now: Date
  readonly signal: AbortSignal
  /** Each certificate is checked once in an evaluation. */
  readonly memo: VerificationMemo
  readonly budget: EvaluationBudget
  /** What is verified: the error of the budget names it. */
  readonly by: string
}

type Answer = NotaryEvidence['revocation'][number] & { readonly problem?: string }

/**
 * Returns the revocation status of every certificate of a chain below its root.
 *
 * Certificates without an OCSP or CRL address cannot be revoked, and the checker is not called for them. A root is
 * trusted until it is removed from its store.
 */
export async function askRevocation(
  chain: CertificateChain,
  check: RevocationCheck,
  signedAt?: Date,
): Promise<readonly Answer[]> {
  return Promise.all(
    chain.slice(0, -1).map(async (certificate, i): Promise<Answer> => {
      const subject = certificate.subject.text
      const issuer = chain[i + 1]
      if (!issuer || !isRevocable(certificate)) return { subject, status: 'not-revocable' }
      const answer = await check.memo.once(
        `notary revocation ${certificate.fingerprint} ${issuer.fingerprint} ${signedAt?.getTime() ?? ''}`,
        () => ask(certificate, issuer, check, signedAt),
      )
      return { subject, ...answer }
    }),
  )
}

function isRevocable({ ocspUrls, crlUrls, extensions }: Certificate): boolean {
  return ocspUrls.length > 0 || crlUrls.length > 0 || extensions.has(CRL_DISTRIBUTION_POINTS)
}

/** A CRL without a usable address counts too: the certificate can be revoked. */
const CRL_DISTRIBUTION_POINTS = '2.5.29.31'

async function ask(
  certificate: Certificate,
  issuer: Certificate,
  { checker, now, signal, budget, by }: RevocationCheck,
  signedAt: Date | undefined,
): Promise<RevocationAnswer> {
  if (!checker) return { status: 'unknown', source: '', problem: 'no revocation checker is configured' }
  budget.spend('requests', certificate.ocspUrls.length + certificate.crlUrls.length, by)
  try {
    const answer = await checker.checkRevocation({ certificate, issuer, now, ...(signedAt && { signedAt }) }, signal)
    // A custom checker may be written in JavaScript: any other status counts as unknown.
    return ['good', 'revoked', 'unknown'].includes(answer.status)
      ? answer
      : { status: 'unknown', source: '', problem: 'the revocation checker returned no status' }
  } catch (error) {
    signal.throwIfAborted()
    const problem = messageOf(error, 'the revocation checker failed')
    return { status: 'unknown', source: '', problem }
  }
}

/**
 * Rejects a chain with a certificate that is revoked, or whose status is unknown. Revoked takes precedence.
 *
 * @throws CheckError ATTESTOR_CERTIFICATE_REVOKED, ATTESTOR_REVOCATION_UNKNOWN (inconclusive)
 */
export function checkAnswers(answers: readonly Answer[], role: 'signing' | 'timestamping'): void {
  const revoked = answers.find(({ status }) => status === 'revoked')
  if (revoked) {
    throw new CheckError('ATTESTOR_CERTIFICATE_REVOKED', `certificate \`${shown(revoked.subject)}\` has been revoked`, {
      detail: { kind: 'notary-certificate-revoked', role, subject: revoked.subject },
    })
  }
  const unknown = answers.find(({ status }) => status === 'unknown')
  if (unknown) {
    throw new CheckError(
      'ATTESTOR_REVOCATION_UNKNOWN',
      `revocation status of certificate \`${shown(unknown.subject)}\` is unknown: ${unknown.problem ?? 'no reason given'}`,
      { detail: { kind: 'notary-revocation-unknown', role, subject: unknown.subject } },
    )
  }
}
