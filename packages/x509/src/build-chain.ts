import type { Certificate } from './certificate.ts'
import { CertificateError } from './certificate-error.ts'
import { certificateLabel } from './certificate-label.ts'
import { checkChainUsage, checkLeafUsage, checkUsage } from './chain-usage.ts'
import type { ChainUsage, UsageOptions } from './chain-usage.ts'
import { checkCriticalExtensions, checkValidity, verifyIssuedBy } from './check-certificate.ts'
import { equalBytes } from './equal-bytes.ts'
import { MAX_CHAIN_LENGTH, MAX_INTERMEDIATES, MAX_SIGNATURE_CHECKS } from './limits.ts'
import { checkNames } from './name-constraints.ts'
import { shown } from './shown.ts'

export type CertificateChain = readonly [Certificate, ...Certificate[]]

export interface ChainRequest extends UsageOptions {
  readonly leaf: Certificate
  /** Certificates that may help: whoever made the signature may have brought them, so none of them is trusted. */
  readonly intermediates: readonly Certificate[]
  /** What is trusted, self-signed or not. */
  readonly roots: readonly Certificate[]
  /** Every certificate of the chain must be valid at each of these times; there must be one. */
  readonly at: Date | readonly Date[]
  readonly usage: ChainUsage
}

/**
 * The chain from the leaf to a root, both included; the first one found that keeps every rule.
 *
 * A root is recognised by its bytes and never by its name. A leaf that is itself a root is a chain of one, still
 * checked for usage and validity. The search follows names, tries roots first and then authorities whose key identifier fits, uses no
 * certificate twice in a chain, and ends after `MAX_SIGNATURE_CHECKS` signatures: what an attacker adds to the
 * intermediates costs a bounded time.
 *
 * @throws CertificateError CERTIFICATE_UNTRUSTED, CERTIFICATE_EXPIRED, CERTIFICATE_USAGE_MISMATCH, CERTIFICATE_NOT_A_CA,
 *   CERTIFICATE_PATH_LENGTH_EXCEEDED, CERTIFICATE_NAME_NOT_PERMITTED, CERTIFICATE_EXTENSION_UNHANDLED, CERTIFICATE_ALGORITHM_REFUSED,
 *   CERTIFICATE_LIMIT_EXCEEDED, CERTIFICATE_OPTIONS_INVALID
 * @see RFC 5280, 6.1
 */
export function buildChain(request: ChainRequest): CertificateChain {
  const { leaf, usage } = request
  checkUsage(usage)
  const times = [request.at].flat()
  if (times.length === 0) throw new CertificateError('CERTIFICATE_OPTIONS_INVALID', 'no time to check a certificate at')
  if (request.intermediates.length > MAX_INTERMEDIATES) {
    throw new CertificateError(
      'CERTIFICATE_LIMIT_EXCEEDED',
      `${request.intermediates.length} intermediate certificates, at most ${MAX_INTERMEDIATES} are looked at`,
    )
  }

  checkCriticalExtensions(leaf)
  for (const time of times) checkValidity(leaf, time)
  checkLeafUsage(leaf, usage, request)
  if (request.roots.some((root) => equalBytes(root.raw, leaf.raw))) {
    checkChainUsage([leaf], usage)
    return [leaf]
  }
  const search: Search = { request, times, signatureChecks: 0 }
  return findChain([leaf], search)
}

interface Search {
  readonly request: ChainRequest
  readonly times: readonly Date[]
  signatureChecks: number
}

/** Depth first. What went wrong at the first candidate is what is reported, as in Go: it usually is the intended one. */
function findChain(chain: CertificateChain, search: Search): CertificateChain {
  let firstFailure: CertificateError | undefined
  for (const { authority, isAnchor } of candidates(chain, search.request)) {
    try {
      checkAuthority(authority, chain, search)
      const longer: CertificateChain = [...chain, authority]
      if (!isAnchor) return findChain(longer, search)
      checkWholeChain(longer, search.request.usage)
      return longer
    } catch (error) {
      if (!(error instanceof CertificateError) || error.code === 'CERTIFICATE_LIMIT_EXCEEDED') throw error
      firstFailure ??= error
    }
  }
  const child = chain.at(-1) ?? chain[0]
  throw (
    firstFailure ??
    new CertificateError(
      'CERTIFICATE_UNTRUSTED',
      `${certificateLabel(child)} is issued by \`${shown(child.issuer.text)}\`, which is not trusted`,
      { upstreamText: UNKNOWN_AUTHORITY },
    )
  )
}

interface Candidate {
  readonly authority: Certificate
  readonly isAnchor: boolean
}

function candidates(chain: CertificateChain, { roots, intermediates }: ChainRequest): readonly Candidate[] {
  const child = chain.at(-1) ?? chain[0]
  const found = [
    ...roots.map((authority) => ({ authority, isAnchor: true })),
    ...(chain.length + 1 < MAX_CHAIN_LENGTH ? intermediates.map((authority) => ({ authority, isAnchor: false })) : []),
  ].filter(
    ({ authority }) =>
      equalBytes(authority.subject.raw, child.issuer.raw) &&
      // The same name and key again, in whatever certificate, leads nowhere new: this is what ends cross-signed cycles.
      !chain.some(
        (used) =>
          equalBytes(used.subject.raw, authority.subject.raw) &&
          equalBytes(used.publicKey.spki, authority.publicKey.spki),
      ),
  )
  const rank = ({ authority, isAnchor }: Candidate): number => keyIdRank(child, authority) + (isAnchor ? 0 : 3)
  return found.toSorted((a, b) => rank(a) - rank(b))
}

/** 0 where the identifiers meet, 1 where one is missing, 2 where they differ. A hint about order, nothing more. */
function keyIdRank(child: Certificate, authority: Certificate): number {
  if (!child.authorityKeyId || !authority.subjectKeyId) return 1
  return equalBytes(child.authorityKeyId, authority.subjectKeyId) ? 0 : 2
}

function checkAuthority(authority: Certificate, chain: CertificateChain, search: Search): void {
  if (++search.signatureChecks > MAX_SIGNATURE_CHECKS) {
    throw new CertificateError(
      'CERTIFICATE_LIMIT_EXCEEDED',
      `no chain found in ${MAX_SIGNATURE_CHECKS} signature checks`,
      {
        upstreamText: 'x509: signature check attempts limit reached while verifying certificate chain',
      },
    )
  }
  try {
    verifyIssuedBy(chain.at(-1) ?? chain[0], authority)
    checkCriticalExtensions(authority)
    for (const time of search.times) checkValidity(authority, time)
    checkPathLength(authority, chain)
  } catch (error) {
    throw error instanceof CertificateError ? asCandidateFailure(error, authority) : error
  }
}

function checkPathLength(authority: Certificate, below: CertificateChain): void {
  const pathLength = authority.basicConstraints?.pathLength
  if (pathLength === undefined || below.length - 1 <= pathLength) return
  throw new CertificateError(
    'CERTIFICATE_PATH_LENGTH_EXCEEDED',
    `${certificateLabel(authority)} allows ${pathLength} authorities below it, found ${below.length - 1}`,
    {
      upstreamText: 'x509: too many intermediates for path length constraint',
    },
  )
}

function checkWholeChain(chain: CertificateChain, usage: ChainUsage): void {
  checkChainUsage(chain, usage)
  chain.forEach(({ nameConstraints }, i) => {
    if (nameConstraints) for (const below of chain.slice(0, i)) checkNames(below.subjectAltNames, nameConstraints)
  })
}

const UNKNOWN_AUTHORITY = 'x509: certificate signed by unknown authority'

/**
 * Go's words for an authority that was found by name and did not do. A signature that does not verify means that it was
 * another authority of that name, so nobody we trust; every other failure keeps its code, which says more.
 */
function asCandidateFailure(failure: CertificateError, { subject, serialNumber }: Certificate): CertificateError {
  const organization = subject.parts.flat().find(({ name }) => name === 'O')?.value
  const name = subject.commonName || organization || `serial:${serialNumber}`
  return new CertificateError(
    failure.code === 'CERTIFICATE_SIGNATURE_INVALID' ? 'CERTIFICATE_UNTRUSTED' : failure.code,
    failure.message,
    {
      cause: failure,
      upstreamText: `${UNKNOWN_AUTHORITY} (possibly because of ${JSON.stringify(failure.upstreamText ?? failure.message)} while trying to verify candidate authority certificate ${JSON.stringify(name)})`,
    },
  )
}
