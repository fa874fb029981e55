import type { Certificate } from './certificate.ts'
import { CertificateError } from './certificate-error.ts'
import { EXTENSION } from './extension.ts'
import { certificateLabel, shown } from './message-text.ts'

/** What the leaf's key is used for. `any` allows every leaf, even a CA. */
export type ChainUsage = 'codeSigning' | 'timeStamping' | 'ocspSigning' | 'any'

/** Options that weaken the checks of a leaf, each named after its risk. */
export interface UsageOptions {
  /** A leaf without extended key usages is accepted for every usage, as in Go. */
  readonly acceptMissingExtendedKeyUsage?: boolean | undefined
  /** A CA, or a key that may sign certificates, is accepted as a leaf. */
  readonly acceptCaAsLeaf?: boolean | undefined
}

const ANY_USAGE = '2.5.29.37.0'
const USAGES: Readonly<Record<Exclude<ChainUsage, 'any'>, string>> = {
  codeSigning: '1.3.6.1.5.5.7.3.3',
  timeStamping: '1.3.6.1.5.5.7.3.8',
  ocspSigning: '1.3.6.1.5.5.7.3.9',
}

/**
 * Rejects an unknown usage: a leaf without extended key usages would otherwise be accepted for it.
 *
 * @throws CertificateError CERTIFICATE_OPTIONS_INVALID
 */
export function checkUsage(usage: ChainUsage): void {
  if (usage === 'any' || Object.hasOwn(USAGES, usage)) return
  throw new CertificateError(
    'CERTIFICATE_OPTIONS_INVALID',
    `invalid \`usage\`: expected any, ${Object.keys(USAGES).join(', ')}, got ${typeof usage === 'string' ? `\`${shown(usage)}\`` : typeof usage}`,
  )
}

/**
 * Rejects a leaf that may not be used this way. It needs no chain, so it runs before any signature is checked.
 *
 * @throws CertificateError CERTIFICATE_USAGE_MISMATCH
 * @see RFC 5280, 4.2.1.3, 4.2.1.9, 4.2.1.12; RFC 3161, 2.3
 */
export function checkLeafUsage(leaf: Certificate, usage: ChainUsage, options: UsageOptions): void {
  if (usage === 'any') return
  if (!options.acceptCaAsLeaf && (leaf.basicConstraints?.isCa || leaf.keyUsage?.has('keyCertSign')))
    throw mismatch(leaf, 'is a CA, not a signer')
  if (leaf.keyUsage && !leaf.keyUsage.has('digitalSignature') && !leaf.keyUsage.has('contentCommitment'))
    throw mismatch(leaf, 'has a key usage other than digitalSignature')
  const usages = leaf.extendedKeyUsage
  if (usage === 'timeStamping') {
    // "MUST contain only one instance of the extended key usage field extension … MUST be critical."
    const critical = leaf.extensions.get(EXTENSION.EXTENDED_KEY_USAGE)?.critical
    if (usages?.length !== 1 || usages[0] !== USAGES.timeStamping || !critical)
      throw mismatch(leaf, 'does not have timeStamping as its only, critical extended key usage')
  } else if (usages === undefined && !options.acceptMissingExtendedKeyUsage)
    throw mismatch(leaf, 'has no extended key usage')
}

/**
 * Rejects a chain in which some certificate has extended key usages without this one. A certificate without the
 * extension restricts nothing. The trust anchor counts, as in Go.
 *
 * @throws CertificateError CERTIFICATE_USAGE_MISMATCH
 */
export function checkChainUsage(chain: readonly Certificate[], usage: ChainUsage): void {
  if (usage === 'any') return
  const excluding = chain.find(
    ({ extendedKeyUsage: usages }) => usages && !usages.includes(USAGES[usage]) && !usages.includes(ANY_USAGE),
  )
  if (excluding) throw mismatch(excluding, `does not allow the extended key usage ${usage}`)
}

function mismatch(certificate: Certificate, problem: string): CertificateError {
  return new CertificateError('CERTIFICATE_USAGE_MISMATCH', `${certificateLabel(certificate)} ${problem}`, {
    detail: { kind: 'certificate-usage' },
  })
}
