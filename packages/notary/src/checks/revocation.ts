import { AttestorError } from '@verify-images/attestor-evaluator'
import type { NotaryEvidence, VerificationMemo } from '@verify-images/attestor-evaluator'
import type { Certificate, CertificateChain } from '@verify-images/x509'
import type { RevocationAnswer, RevocationChecker } from '../revocation/revocation-checker.ts'

export interface RevocationCheck {
  readonly checker?: RevocationChecker
  readonly now: Date
  readonly signal: AbortSignal
  /** Each certificate is asked about once in an evaluation. */
  readonly memo: VerificationMemo
}

type Answer = NotaryEvidence['revocation'][number] & { readonly problem?: string }

/**
 * Asks about every certificate of a chain below its root that names a responder or a list.
 *
 * The others cannot be revoked, and nobody is asked about them. A root is trusted until it is taken out of its store.
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
      if (!issuer || !namesSomebody(certificate)) return { subject, status: 'not-revocable' }
      const answer = await check.memo.once(
        `notary revocation ${certificate.fingerprint} ${issuer.fingerprint} ${signedAt?.getTime() ?? ''}`,
        () => ask(certificate, issuer, check, signedAt),
      )
      return { subject, ...answer }
    }),
  )
}

function namesSomebody({ ocspUrls, crlUrls, extensions }: Certificate): boolean {
  return ocspUrls.length > 0 || crlUrls.length > 0 || extensions.has(CRL_DISTRIBUTION_POINTS)
}

/** A list that is named in a way that cannot be fetched is a list all the same. */
const CRL_DISTRIBUTION_POINTS = '2.5.29.31'

async function ask(
  certificate: Certificate,
  issuer: Certificate,
  { checker, now, signal }: RevocationCheck,
  signedAt: Date | undefined,
): Promise<RevocationAnswer> {
  if (!checker) return { status: 'unknown', source: '', problem: 'nobody was given who could be asked' }
  try {
    const answer = await checker.checkRevocation({ certificate, issuer, now, ...(signedAt && { signedAt }) }, signal)
    // A checker that is not ours may be written in JavaScript: what it says is taken only if it is one of the three.
    return ['good', 'revoked', 'unknown'].includes(answer.status)
      ? answer
      : { status: 'unknown', source: '', problem: 'the checker gave no answer' }
  } catch (error) {
    signal.throwIfAborted()
    return { status: 'unknown', source: '', problem: error instanceof Error ? error.message : 'the checker failed' }
  }
}

/**
 * Refuses answers that are not all well. One that is revoked outweighs any that could not be told.
 *
 * @param role what upstream calls the certificates: `signing` or `timestamping`
 * @throws AttestorError ATTESTOR_CERTIFICATE_REVOKED, ATTESTOR_REVOCATION_UNKNOWN (inconclusive)
 */
export function checkAnswers(answers: readonly Answer[], role: 'signing' | 'timestamping'): void {
  const revoked = answers.find(({ status }) => status === 'revoked')
  if (revoked) {
    throw new AttestorError('ATTESTOR_CERTIFICATE_REVOKED', `certificate \`${revoked.subject}\` has been revoked`, {
      upstreamText: `${role} certificate with subject ${JSON.stringify(revoked.subject)} is revoked`,
    })
  }
  const unknown = answers.find(({ status }) => status === 'unknown')
  if (unknown) {
    throw new AttestorError(
      'ATTESTOR_REVOCATION_UNKNOWN',
      `nobody could say whether certificate \`${unknown.subject}\` has been revoked: ${unknown.problem ?? ''}`,
      {
        upstreamText: `${role} certificate with subject ${JSON.stringify(unknown.subject)} revocation status is unknown`,
      },
    )
  }
}
