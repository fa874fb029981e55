import type { Evidence, NotaryEvidence, NotaryValidation, Signer } from '@verify-images/attestor-evaluator'
import { oneLine } from './describe-reason.ts'

/** Returns the lines for one piece of evidence, indented below its row. */
export function linesOfEvidence(evidence: Evidence): string[] {
  const { notary } = evidence
  const further = notary === undefined ? [] : linesOfNotary(notary)
  return [`    + ${oneLine(describeEvidence(evidence))}`, ...further.map((line) => `        ${oneLine(line)}`)]
}

function describeEvidence(evidence: Evidence): string {
  const { format, signedDigest, signer, times, logIndex, predicateType, listedAt, unseenByKyverno, trustRoot } =
    evidence
  return [
    `${format} over ${signedDigest} by ${describeSigner(signer)}`,
    ...(predicateType === undefined ? [] : [`statement ${predicateType}`]),
    ...times.map(({ source, at }) => `${source} ${at}`),
    ...(logIndex === undefined ? [] : [`log index ${logIndex}`]),
    ...(listedAt === undefined ? [] : ['listed at the fallback tag']),
    ...(trustRoot?.asOf === undefined ? [] : [`trust root of ${trustRoot.asOf}`]),
    ...(trustRoot?.failure === undefined
      ? []
      : [`its refresh failed at ${trustRoot.failure.at}: ${trustRoot.failure.message}`]),
    ...(unseenByKyverno === undefined ? [] : ['in a format that Kyverno does not look for']),
  ].join(', ')
}

function describeSigner(signer: Signer): string {
  if (signer.kind === 'key') return `key ${signer.fingerprint} (${signer.algorithm})`
  const names = signer.subjectAltNames.length > 0 ? signer.subjectAltNames.join(', ') : signer.subject
  return `certificate of ${names}, issued by ${signer.issuer}`
}

function linesOfNotary(notary: NotaryEvidence): readonly string[] {
  const { trustPolicy, level, trusted, identity, timestamp, revocation, userMetadata, validations } = notary
  return [
    `trust policy ${trustPolicy}, level ${level}`,
    describeSigning(notary),
    ...(trusted === undefined ? [] : [`trusted by ${trusted.store}: ${trusted.subject} (${trusted.fingerprint})`]),
    ...(identity === undefined ? [] : [`identity ${identity}`]),
    ...(timestamp === undefined ? [] : [`timestamp ${timestamp.at} by ${timestamp.authority}`]),
    ...revocation.map(
      ({ subject, status, source }) =>
        `revocation of ${subject}: ${status}${source === undefined ? '' : ` (${source})`}`,
    ),
    ...Object.entries(userMetadata).map(([name, value]) => `metadata ${name}=${value}`),
    ...validations.flatMap(describeValidation),
  ]
}

function describeSigning({ signingScheme, signingTime, expiry }: NotaryEvidence): string {
  // Under notary.x509 the signing time is an unverified claim of the signer.
  const claimed = signingScheme === 'notary.x509' ? ' as the signer claims' : ''
  return `${signingScheme}, signing time ${signingTime}${claimed}${expiry === undefined ? '' : `, expires ${expiry}`}`
}

/** A validation that was enforced and passed gets no line. */
function describeValidation({ check, action, failure }: NotaryValidation): readonly string[] {
  if (action === 'skip') return [`${check} was not checked`]
  return failure === undefined ? [] : [`${check} FAILED, which is only logged: ${failure.code}: ${failure.message}`]
}
