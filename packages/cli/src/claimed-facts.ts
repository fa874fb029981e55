import type { AttachmentClaims, ClaimedCertificate, ClaimedSubject } from '@verify-images/core'

/** What an artifact is attached to. */
export type Attachee = 'image' | 'artifact'

/** Formats what an attached artifact claims, one line per fact. */
export function claimedFacts(claims: AttachmentClaims, attachedTo: Attachee): readonly string[] {
  return [
    `format: ${claims.format}`,
    ...ownFacts(claims),
    ...subjectFacts(claims.subject, attachedTo),
    ...signerFacts(claims),
    ...claims.logEntries.map(
      ({ logIndex, logId, kind, integratedTime }) =>
        `log entry: ${logIndex} (${kind})${integratedTime === undefined ? '' : ` at ${integratedTime}`}, log ${logId}`,
    ),
    ...claims.timestamps.map(({ at }) => `timestamp: ${at}`),
    ...claims.unreadable.map(({ part, code, message }) => `unreadable ${part}: ${code}: ${message}`),
  ]
}

function ownFacts(claims: AttachmentClaims): readonly string[] {
  switch (claims.format) {
    case 'cosign-signature':
      return [...fact('repository', claims.repository), ...annotationFacts(claims.annotations)]
    case 'cosign-attestation':
      return envelopeFacts(claims)
    case 'sigstore-bundle':
      return [
        ...fact('media type', claims.mediaType),
        ...fact('version', claims.version),
        ...fact('content', claims.content?.kind.replace('-', ' ')),
        ...(claims.content?.kind === 'envelope' ? envelopeFacts(claims.content) : []),
      ]
    case 'notary-jws':
    case 'notary-cose':
      return [
        ...fact('payload type', claims.payloadType),
        ...fact('signing scheme', claims.signingScheme),
        ...fact('signing time', claims.signingTime),
        ...fact('expiry', claims.expiry),
        ...annotationFacts(claims.annotations),
      ]
  }
}

function envelopeFacts({
  payloadType,
  predicateType,
}: {
  readonly payloadType?: string
  readonly predicateType?: string
}): readonly string[] {
  return [...fact('payload type', payloadType), ...fact('predicate type', predicateType)]
}

function subjectFacts(subject: ClaimedSubject | undefined, attachedTo: Attachee): readonly string[] {
  if (subject === undefined) return []
  const { isThisImage, digests, count } = subject
  if (isThisImage) return [`subject: this ${attachedTo}${count === 1 ? '' : `, and ${String(count - 1)} more`}`]
  if (count === 0) return ['subject: NONE']
  return [
    `subject: ANOTHER ${attachedTo.toUpperCase()}: ` +
      `${digests.length === 0 ? 'without a digest' : digests.join(', ')}` +
      `${count > digests.length ? ` (of ${String(count)})` : ''}`,
  ]
}

function signerFacts({ signer }: AttachmentClaims): readonly string[] {
  if (signer === undefined) return []
  if (signer.kind === 'key') {
    const { fingerprint, hint } = signer
    return [
      `signer: ${fingerprint === undefined ? 'a key' : `key ${fingerprint}`}` +
        `${hint === undefined ? '' : `, hint ${hint}`}`,
    ]
  }
  const { certificate, issuers } = signer
  return [
    `signer: certificate of ${namesOf(certificate)}`,
    `certificate: issued by ${certificate.issuer}, valid ${certificate.notBefore} to ${certificate.notAfter}`,
    ...Object.entries(certificate.claims).map(([name, value]) => `certificate claim: ${name} ${value}`),
    ...issuers.map((issuer) => `issuer: ${namesOf(issuer)}, valid ${issuer.notBefore} to ${issuer.notAfter}`),
  ]
}

function namesOf({ subjectAltNames, subject }: ClaimedCertificate): string {
  return [...(subject === '' ? [] : [subject]), ...subjectAltNames].join(', ') || 'no name'
}

function annotationFacts(annotations: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(annotations).map(([name, value]) => `annotation: ${name}=${value}`)
}

function fact(name: string, value: string | undefined): readonly string[] {
  return value === undefined ? [] : [`${name}: ${value}`]
}
