import type { NotaryDetail, NotaryStep, Reason } from '@verify-images/primitives'
import { certificateText } from './certificate-text.ts'
import type { FailureText, FailureTexts } from './present-failure.ts'

/** Returns Kyverno's words for what stopped a Notary Project signature: notation's, in most cases. */
export function notaryText(detail: NotaryDetail, { message }: Reason): string {
  switch (detail.kind) {
    case 'notary-no-signature':
      return `no signature is associated with "${detail.reference}", make sure the artifact was signed successfully`
    case 'notary-no-attestation':
      return `no matching attestations found for image ${detail.image} with type ${detail.predicateType}`
    case 'notary-too-many-referrers':
      return `failed to fetch referrers: too many referrers found, max limit is ${detail.limit}`
    case 'notary-layer-count':
      return layerCountText(detail)
    case 'notary-layer-too-large':
      return (
        `${detail.of === 'signature' ? 'payload' : 'predicate'} size ${detail.size} exceeds ${detail.limit} ` +
        `for digest ${detail.digest}`
      )
    case 'notary-digest-mismatch':
      return `user input digest ${detail.expected} does not match the resolved digest ${detail.actual}`
    case 'notary-target-mismatch':
      return 'content descriptor mismatch'
    case 'notary-metadata-missing':
      return 'unable to find specified metadata in the signature'
    case 'notary-signature-invalid':
      return `signature is invalid. Error: crypto/${detail.key === 'rsa' ? 'rsa' : 'ecdsa'}: verification error`
    case 'notary-signature-expired':
      return `digital signature has expired on "${messageTime(detail.expiry)}"`
    case 'notary-chain-invalid':
      return `certificate-chain is invalid, ${message}`
    case 'notary-chain-untrusted':
      return detail.trusted === 'none'
        ? 'no trusted certificates are found to verify authenticity'
        : "the signature's certificate chain does not contain any trusted certificate"
    case 'notary-identity-mismatch':
      return (
        `signing certificate from the digital signature does not match the X.509 trusted identities defined in ` +
        `the trust policy ${JSON.stringify(detail.trustPolicy)}`
      )
    case 'notary-certificate-validity':
      return validityText(detail)
    case 'notary-timestamp-missing':
      return 'no timestamp countersignature was found in the signature envelope'
    case 'notary-timestamp-invalid':
      return (
        `failed to verify the timestamp countersignature with error: ` +
        `${detail.certificate ? certificateText(detail.certificate) : detail.problem}`
      )
    case 'notary-certificate-revoked':
      return `${detail.role} certificate with subject ${JSON.stringify(detail.subject)} is revoked`
    case 'notary-revocation-unknown':
      return `${detail.role} certificate with subject ${JSON.stringify(detail.subject)} revocation status is unknown`
    case 'notary-trust-policy-missing':
      return `artifact ${JSON.stringify(detail.repository)} has no applicable oci trust policy statement`
    case 'notary-certificates-invalid':
      return `failed to parse certificates: ${detail.problem}`
    case 'notary-certificates-not-pem':
      return 'failed to parse certificates: error during PEM decoding'
  }
}

type DetailOf<Kind extends NotaryDetail['kind']> = Extract<NotaryDetail, { readonly kind: Kind }>

/** Returns the text for a wrong number of layers. notation misspells "requires". */
function layerCountText({ of, count }: DetailOf<'notary-layer-count'>): string {
  if (of === 'signature') return `signature manifest requries exactly one signature envelope blob, got ${count}`
  return count === 0
    ? 'no predicate found: the manifest has no layers'
    : `multiple layers in predicate not supported: the manifest has ${count} layers`
}

function validityText({ subject, clock, at, notBefore, notAfter }: DetailOf<'notary-certificate-validity'>): string {
  const certificate = `certificate ${JSON.stringify(subject)}`
  if (clock === 'signing-authority')
    return `${certificate} was not valid when the digital signature was produced at "${messageTime(at)}"`
  const isBefore = Date.parse(at) < Date.parse(notBefore)
  const time = clock === 'timestamp' ? 'timestamp can be' : 'verification time is'
  return isBefore
    ? `${time} before ${certificate} validity period, it will be valid from "${messageTime(notBefore)}"`
    : `${time} after ${certificate} validity period, it was expired at "${messageTime(notAfter)}"`
}

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const

/** Returns a time as Go's `time.RFC1123Z` prints it: `Mon, 23 Nov 2026 15:43:33 +0000`. */
function messageTime(iso: string): string {
  const time = new Date(iso)
  const two = (value: number): string => String(value).padStart(2, '0')
  const clock = [time.getUTCHours(), time.getUTCMinutes(), time.getUTCSeconds()].map(two).join(':')
  return (
    `${DAYS[time.getUTCDay()]}, ${two(time.getUTCDate())} ${MONTHS[time.getUTCMonth()]} ` +
    `${String(time.getUTCFullYear()).padStart(4, '0')} ${clock} +0000`
  )
}

/** Returns Kyverno's words for a step of the Notary verifier, around those of what failed in it. */
export function notaryStepText(step: NotaryStep, failures: FailureTexts): FailureText {
  const [{ text, isNetworkError }] = failures
  switch (step.kind) {
    case 'notary-resolve-image':
      return { text: `failed to parse image reference: ${step.reference}: ${text}`, isNetworkError }
    case 'notary-verify-artifact':
      return { text: `failed to verify ${step.reference}: ${text}`, isNetworkError }
    case 'notary-verify-attestations':
      // Kyverno verifies only the first one.
      return { text, isNetworkError }
    case 'notary-verify-signatures':
      // notation keeps only the texts of the errors, so Kyverno sees no network error among them.
      return { text: signaturesText(step, failures), isNetworkError: false }
    case 'notary-fetch-signature':
      return {
        text:
          `unable to retrieve digital signature with digest "${step.signature}" associated with ` +
          `"${step.reference}" from the Repository, error : ${text}`,
        isNetworkError,
      }
    case 'notary-verify-signature':
      return { text: `failed to verify signature with digest ${step.signature}, ${text}`, isNetworkError }
  }
}

function signaturesText(
  { unfetched, limit }: Extract<NotaryStep, { readonly kind: 'notary-verify-signatures' }>,
  failures: FailureTexts,
): string {
  const gone = unfetched === undefined ? undefined : failures[unfetched]
  if (gone) return gone.text
  if (limit !== undefined)
    return `signature evaluation stopped. The configured limit of ${limit} signatures to verify per artifact exceeded`
  return ['signature verification failed', ...failures.map(({ text }) => text)].join('\n')
}
