import type { AttestorDetail, AttestorStep } from '@verify-images/primitives'
import type { FailureText, FailureTexts } from './present-failure.ts'

/** Returns Kyverno's words for what stopped a cosign signature, an attestation or a Sigstore bundle. */
export function attestorText(detail: AttestorDetail): string {
  switch (detail.kind) {
    case 'attestor-no-attestors':
      return 'invalid response: nil'
    case 'attestor-attestation-without-type':
      return `${detail.path}: missing type`
    case 'attestor-malformed-nested-set':
      return `failed to unmarshal nested attestor ${detail.path}: json: cannot unmarshal`
    case 'attestor-too-few-signers':
      return 'attestations verification failed'
    case 'attestor-statement-missing':
      return `attestions not found for predicate type ${detail.predicateType}`
    case 'attestor-predicate-missing':
      return 'predicate not found in any statement'
    case 'attestor-conditions-not-evaluated':
      return `failed to check attestations: ${detail.problem}`
    case 'attestor-conditions-not-met':
      return `attestation checks failed for ${detail.image} and predicate ${detail.predicateType}: ${detail.problem}`
    case 'attestor-no-signatures':
      return 'no signatures found'
    case 'attestor-no-attestations':
      return 'no matching attestations: '
    case 'attestor-annotations-missing':
      return 'no signature matched the required annotations'
    case 'attestor-signer-missing':
      return 'empty key'
    case 'attestor-too-many-layers':
      return `number of layers (${detail.count}) exceeded the limit (${detail.limit})`
    case 'attestor-layer-too-large':
      return `size of layer (${detail.size}) exceeded the limit (${detail.limit})`
    case 'attestor-signed-digest-mismatch':
      return `invalid or missing digest in claim: ${detail.actual}`
    case 'attestor-subject-mismatch':
      return 'no matching subject digest found'
    case 'attestor-envelope-payload-type':
      return `invalid payloadType ${detail.actual} on envelope. Expected ${detail.expected}`
    case 'attestor-envelope-unsigned':
      return 'no signature found'
    case 'attestor-envelope-signatures-invalid':
      return 'accepted signatures do not match threshold, Found: 0, Expected 1'
    case 'attestor-log-search-failed':
      return `searching log query: ${detail.problem}`
    case 'attestor-not-in-log':
      return 'signature not found in transparency log'
    case 'attestor-sct-missing':
      return 'certificate does not include required embedded SCT and no detached SCT was set'
    case 'attestor-certificate-unknown-authority':
      return 'x509: certificate signed by unknown authority'
    case 'attestor-certificate-not-valid-at':
      return notValidAt(detail)
    case 'attestor-certificate-expired-untimed':
      return 'expected a signed timestamp to verify an expired certificate'
    case 'attestor-certificate-chain-too-long':
      return `certificate chain too long (${detail.count}), maximum allowed is ${detail.limit}`
    case 'attestor-repository-name-invalid':
      return `failed to parse signature repository ${detail.repository}: ${detail.problem}`
    case 'attestor-signature-invalid':
      return SIGNATURE_INVALID[detail.key]
    case 'attestor-signature-algorithm-unknown':
      return `invalid signature algorithm provided ${detail.name}`
    case 'attestor-pem-invalid':
      return PEM_INVALID[detail.of]
    case 'attestor-key-not-resolved':
      return detail.problem
    case 'attestor-identity-mismatch':
      return `${detail.field} mismatch: expected ${detail.expected}, received ${detail.actual}`
    case 'attestor-extension-mismatch':
      return `extension mismatch: expected ${detail.expected} for key ${detail.name}, received ${detail.actual}`
    case 'attestor-extension-unknown':
      return `invalid certificate extension ${detail.name}`
    case 'attestor-pattern-invalid':
      return `invalid regexp for ${detail.field}: ${detail.pattern} : error parsing regexp: ${detail.problem}`
    case 'attestor-log-not-trusted':
      return 'verifying bundle: rekor log public key not found for payload'
    case 'attestor-log-entry-of-another-signature':
      return 'signature in bundle does not match signature being verified'
    case 'attestor-unusable-for-bundles':
      return NO_MATCHING_BUNDLE
  }
}

/** Kyverno's text if no bundle verifies, whatever the reason. */
const NO_MATCHING_BUNDLE = 'sigstore bundle verification failed: no matching signatures found'

const SIGNATURE_INVALID = {
  ec: 'invalid signature when validating ASN.1 encoded signature',
  rsa: 'crypto/rsa: verification error',
  ed25519: 'failed to verify signature',
} as const

const PEM_INVALID = {
  'public-key': 'PEM decoding failed',
  certificate: 'error during PEM decoding',
  'trust-anchors': 'error creating root cert pool',
} as const

type NotValidAt = Extract<AttestorDetail, { readonly kind: 'attestor-certificate-not-valid-at' }>

function notValidAt({ isIssuer, clock, expired, bound, at }: NotValidAt): string {
  const evidence = clock === 'timestamp-authority' ? 'timestamp' : 'bundle'
  const certificate = isIssuer ? 'issuing CA certificate' : 'certificate'
  const problem = expired
    ? `expired before observed time: ${bound} is before ${at}`
    : `was issued after observed time: ${bound} is after ${at}`
  return `checking expiry on certificate with ${evidence}: ${certificate} ${problem}`
}

/** Returns Kyverno's words for a step of the attestors, around those of what failed in it. */
export function attestorStepText(step: AttestorStep, failures: FailureTexts): FailureText {
  return {
    text: stepText(step, failures),
    isNetworkError: !KEEPS_ONLY_TEXT.has(step.kind) && failures.some(({ isNetworkError }) => isNetworkError),
  }
}

/** Steps of whose failures Kyverno keeps only the text, so that it cannot tell a network error any more. */
const KEEPS_ONLY_TEXT: ReadonlySet<AttestorStep['kind']> = new Set<AttestorStep['kind']>([
  'attestor-verify-attestation',
  'attestor-verify-candidates',
  'attestor-select-signatures',
  'attestor-match-annotations',
  'attestor-select-statements',
])

function stepText(step: AttestorStep, failures: FailureTexts): string {
  const all = joined(failures, '; ')
  switch (step.kind) {
    case 'attestor-verify-signatures':
      return `failed to verify image ${step.image}: ${all}`
    case 'attestor-verify-attestation':
      return (
        `image attestations verification failed, verifiedCount: ${step.verifiedCount}, requiredCount: ` +
        `${step.requiredCount}, error: ${all}`
      )
    case 'attestor-set':
      return all
    case 'attestor-entry':
      return `${step.path}${step.attestor === undefined ? '' : `.${step.attestor}`}: ${all}`
    case 'attestor-resolve-image':
      return step.of === 'signatures' ? `image tag not found: ${all}` : notFoundInShort(all)
    case 'attestor-verify-candidates':
      return step.of === 'signatures'
        ? `no matching signatures: ${joined(failures, '\n ')}`
        : notFoundInShort(`no matching attestations: ${joined(failures, '\n ')}`)
    case 'attestor-select-signatures':
      return joined(failures.slice(0, step.verified), '; ')
    case 'attestor-match-annotations':
    case 'attestor-select-statements':
      return failures[0].text
    case 'attestor-verify-certificate':
      return `cert verification failed: ${all}`
    case 'attestor-validate-certificate-chain':
      return `failed to load validate certificate chain: ${all}`
    case 'attestor-load-certificate':
      return `failed to load certificate from ${step.text}: failed to unmarshal certificate from PEM format: ${all}`
    case 'attestor-load-certificate-chain':
      return `failed to load certificate chain: ${all}`
    case 'attestor-load-trust-anchors':
      return `failed to load certificates: ${all}`
    case 'attestor-load-trust':
      return `${LOAD_TRUST[step.what]}: ${all}`
    case 'attestor-load-key':
      return `failed to load public key from ${step.reference ?? 'PEM: pem to public key'}: ${all}`
    case 'attestor-verify-log-entry':
      return `error verifying bundle: ${all}`
    case 'attestor-list-bundles':
      return `failed to fetch bundles: ${step.image}: ${all}`
    case 'attestor-fetch-bundle':
      return `${FETCH_BUNDLE[step.part]}${all}`
    case 'attestor-load-bundle-trust':
      return `failed to get trusted material: ${step.image}: ${all}`
    case 'attestor-verify-bundles':
      return bundlesText(step, failures)
  }
}

function joined(failures: readonly FailureText[], separator: string): string {
  return failures.map(({ text }) => text).join(separator)
}

/** Kyverno stops at the first referrer that it cannot fetch or parse, so only that failure is in its text. */
function bundlesText(
  { image, firstUnread }: Extract<AttestorStep, { readonly kind: 'attestor-verify-bundles' }>,
  failures: FailureTexts,
): string {
  const unread = firstUnread === undefined ? undefined : failures[firstUnread]
  return unread === undefined ? NO_MATCHING_BUNDLE : `failed to fetch bundles: ${image}: ${unread.text}`
}

const FETCH_BUNDLE = {
  manifest: 'failed to fetch referrer image: ',
  layer: 'failed to fetch referrer layer: ',
  content: 'failed to unmarshal bundle: ',
} as const

const LOAD_TRUST = {
  'certificate-authorities': 'failed to get roots from fulcio',
  'transparency-log-keys': 'failed to load Rekor public keys',
  'certificate-log-keys': 'failed to load CTLogs public keys',
} as const

/** Shortens the text of attestations, as Kyverno does for any that contains this one. */
function notFoundInShort(text: string): string {
  return text.includes('MANIFEST_UNKNOWN: manifest unknown') ? 'not found' : text
}
