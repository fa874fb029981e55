import type { Evidence, NotaryEvidence, NotaryValidation, Signer } from '@verify-images/attestor-evaluator'

/** A piece of evidence in words: the line that says who signed what, and further lines for what is known beside it. */
export function explainEvidence(evidence: Evidence): readonly [string, ...string[]] {
  return [describe(evidence), ...(evidence.notary === undefined ? [] : notaryLines(evidence.notary))]
}

function describe({ format, signedDigest, signer, times, logIndex, predicateType, unseenByKyverno }: Evidence): string {
  return [
    `${format} over ${signedDigest} by ${describeSigner(signer)}`,
    ...(predicateType === undefined ? [] : [`statement ${predicateType}`]),
    ...times.map(({ source, at }) => `${source} ${at}`),
    ...(logIndex === undefined ? [] : [`log index ${logIndex}`]),
    ...(unseenByKyverno === undefined ? [] : ['in a form that Kyverno does not look for']),
  ].join(', ')
}

function describeSigner(signer: Signer): string {
  if (signer.kind === 'key') return `key ${signer.fingerprint} (${signer.algorithm})`
  const names = signer.subjectAltNames.length > 0 ? signer.subjectAltNames.join(', ') : signer.subject
  return `certificate of ${names}, issued by ${signer.issuer}`
}

function notaryLines(notary: NotaryEvidence): readonly string[] {
  const {
    trustPolicy,
    level,
    signingScheme,
    signingTime,
    expiry,
    trusted,
    identity,
    timestamp,
    revocation,
    userMetadata,
    validations,
  } = notary
  return [
    `trust policy ${trustPolicy}, level ${level}`,
    // Under notary.x509 nobody but the signer says so.
    `${signingScheme}, signing time ${signingTime}${signingScheme === 'notary.x509' ? ' as the signer claims' : ''}${expiry === undefined ? '' : `, expires ${expiry}`}`,
    ...(trusted === undefined ? [] : [`trusted by ${trusted.store}: ${trusted.subject} (${trusted.fingerprint})`]),
    ...(identity === undefined ? [] : [`identity ${identity}`]),
    ...(timestamp === undefined ? [] : [`timestamp ${timestamp.at} by ${timestamp.authority}`]),
    ...revocation.map(
      ({ subject, status, source }) =>
        `revocation of ${subject}: ${status}${source === undefined ? '' : ` (${source})`}`,
    ),
    ...Object.entries(userMetadata).map(([name, value]) => `metadata ${name}=${value}`),
    ...validations.flatMap(explainValidation),
  ]
}

/** What held and had to is not worth a line. */
function explainValidation({ check, action, failure }: NotaryValidation): readonly string[] {
  if (action === 'skip') return [`${check} was not looked at`]
  return failure === undefined ? [] : [`${check} FAILED, which is only logged: ${failure.code}: ${failure.message}`]
}
