import type { Certificate } from './certificate.ts'
import { CertificateError } from './certificate-error.ts'
import { certificateLabel } from './certificate-label.ts'
import { EXTENSION } from './extension.ts'
import { shown } from './shown.ts'

/** What the leaf's key is used for. `any` asks nothing of the leaf: neither usage nor that it is no authority. */
export type ChainUsage = 'codeSigning' | 'timeStamping' | 'ocspSigning' | 'any'

/** What a caller may take back of our strictness, each named for the risk. */
export interface UsageOptions {
  /** A leaf that names no extended key usage is good for every one, as Go reads it. */
  readonly acceptMissingExtendedKeyUsage?: boolean | undefined
  /** A certificate authority, or a key that may sign certificates, may sign as a leaf as well. */
  readonly acceptCaAsLeaf?: boolean | undefined
}

const ANY_USAGE = '2.5.29.37.0'
const USAGES: Readonly<Record<Exclude<ChainUsage, 'any'>, string>> = {
  codeSigning: '1.3.6.1.5.5.7.3.3',
  timeStamping: '1.3.6.1.5.5.7.3.8',
  ocspSigning: '1.3.6.1.5.5.7.3.9',
}

/**
 * Refuses a usage that there is not: a certificate that names no usages would be good for it.
 *
 * @throws CertificateError CERTIFICATE_OPTIONS_INVALID
 */
export function checkUsage(usage: ChainUsage): void {
  if (usage === 'any' || Object.hasOwn(USAGES, usage)) return
  throw new CertificateError(
    'CERTIFICATE_OPTIONS_INVALID',
    `\`usage\` must be any, ${Object.keys(USAGES).join(', ')}, found ${typeof usage === 'string' ? `\`${shown(usage)}\`` : typeof usage}`,
  )
}

/**
 * Refuses a leaf that may not do what it is used for. Needs no chain, so it comes before any work.
 *
 * @throws CertificateError CERTIFICATE_USAGE_MISMATCH
 * @see RFC 5280, 4.2.1.3, 4.2.1.9, 4.2.1.12; RFC 3161, 2.3
 */
export function checkLeafUsage(leaf: Certificate, usage: ChainUsage, options: UsageOptions): void {
  if (usage === 'any') return
  if (!options.acceptCaAsLeaf && (leaf.basicConstraints?.isCa || leaf.keyUsage?.has('keyCertSign')))
    throw mismatch(leaf, 'is a certificate authority, not a signer')
  if (leaf.keyUsage && !leaf.keyUsage.has('digitalSignature') && !leaf.keyUsage.has('contentCommitment'))
    throw mismatch(leaf, 'has a key that is not for signatures')
  const usages = leaf.extendedKeyUsage
  if (usage === 'timeStamping') {
    // "MUST contain only one instance of the extended key usage field extension … MUST be critical."
    const critical = leaf.extensions.get(EXTENSION.EXTENDED_KEY_USAGE)?.critical
    if (usages?.length !== 1 || usages[0] !== USAGES.timeStamping || !critical)
      throw mismatch(leaf, 'is not for timeStamping alone, marked critical')
  } else if (usages === undefined && !options.acceptMissingExtendedKeyUsage)
    throw mismatch(leaf, 'names no extended key usage')
}

/**
 * Refuses a chain in which some certificate that names its usages leaves this one out; one that names none restricts
 * nothing. The anchor counts, as in Go.
 *
 * @throws CertificateError CERTIFICATE_USAGE_MISMATCH
 */
export function checkChainUsage(chain: readonly Certificate[], usage: ChainUsage): void {
  if (usage === 'any') return
  const excluding = chain.find(
    ({ extendedKeyUsage: usages }) => usages && !usages.includes(USAGES[usage]) && !usages.includes(ANY_USAGE),
  )
  if (excluding) throw mismatch(excluding, `is not for ${usage}`)
}

function mismatch(certificate: Certificate, problem: string): CertificateError {
  return new CertificateError('CERTIFICATE_USAGE_MISMATCH', `${certificateLabel(certificate)} ${problem}`, {
    upstreamText: 'x509: certificate specifies an incompatible key usage',
  })
}
