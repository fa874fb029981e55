import { equalBytes } from '@verify-images/primitives'
import type { Certificate } from './certificate.ts'
import { CertificateError } from './certificate-error.ts'
import { checkChainUsage, checkLeafUsage, checkUsage } from './chain-usage.ts'
import type { ChainUsage, UsageOptions } from './chain-usage.ts'
import { checkCriticalExtensions, checkValidity, verifyIssuedBy } from './check-certificate.ts'
import { MAX_CHAIN_LENGTH, MAX_INTERMEDIATES, MAX_SIGNATURE_CHECKS } from './limits.ts'
import { certificateLabel, shown } from './message-text.ts'
import { checkNames } from './name-constraints.ts'
import { runInSlices, runToEnd, type Steps, type Work } from './steps.ts'

export type CertificateChain = readonly [Certificate, ...Certificate[]]

export interface ChainRequest extends UsageOptions {
  readonly leaf: Certificate
  /** Certificates that may complete the chain. They usually come with the signature, so they are not trusted. */
  readonly intermediates: readonly Certificate[]
  /** Trust anchors, self-signed or not. */
  readonly roots: readonly Certificate[]
  /** Every certificate of the chain must be valid at each of these times; at least one is required. */
  readonly at: Date | readonly Date[]
  readonly usage: ChainUsage
}

/**
 * Returns the chain from the leaf to a root, both included: the first one found that satisfies every rule.
 *
 * A root is recognised by its bytes, never by its name. A leaf that is itself a root is a chain of one, still checked
 * for usage and validity. The search follows names, tries roots first and then authorities whose key identifier
 * matches, uses no certificate twice in a chain, and ends after `MAX_SIGNATURE_CHECKS` signatures, so the intermediates
 * that an attacker adds cost a bounded time.
 *
 * @throws CertificateError CERTIFICATE_UNTRUSTED, CERTIFICATE_EXPIRED, CERTIFICATE_USAGE_MISMATCH,
 *   CERTIFICATE_NOT_A_CA,
 * CERTIFICATE_PATH_LENGTH_EXCEEDED, CERTIFICATE_NAME_NOT_PERMITTED, CERTIFICATE_EXTENSION_UNHANDLED,
 * CERTIFICATE_ALGORITHM_REFUSED,
 *   CERTIFICATE_LIMIT_EXCEEDED, CERTIFICATE_OPTIONS_INVALID
 * @see RFC 5280, 6.1
 */
export function buildChain(request: ChainRequest): CertificateChain {
  return runToEnd(searchChain(request))
}

/**
 * Does the same as {@link buildChain} and lets the event loop turn between the signatures of foreign certificates.
 *
 * @throws CertificateError as {@link buildChain}; CheckError ATTESTOR_BUDGET_EXCEEDED; the reason of an aborted signal
 */
export async function buildChainInSlices(request: ChainRequest, work: Work): Promise<CertificateChain> {
  return runInSlices(searchChain(request), work)
}

/** Stops before each signature of a certificate is verified. */
export function* searchChain(request: ChainRequest): Steps<CertificateChain> {
  const { leaf, usage } = request
  checkUsage(usage)
  const times = [request.at].flat()
  if (times.length === 0)
    throw new CertificateError('CERTIFICATE_OPTIONS_INVALID', '`at` is empty: expected at least one time')
  if (request.intermediates.length > MAX_INTERMEDIATES) {
    throw new CertificateError(
      'CERTIFICATE_LIMIT_EXCEEDED',
      `expected at most ${MAX_INTERMEDIATES} intermediate certificates, got ${request.intermediates.length}`,
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
  return yield* findChain([leaf], search)
}

interface Search {
  readonly request: ChainRequest
  readonly times: readonly Date[]
  signatureChecks: number
}

/** Depth first. As in Go, the failure of the first candidate is the one reported: it usually is the intended issuer. */
function* findChain(chain: CertificateChain, search: Search): Steps<CertificateChain> {
  let firstFailure: CertificateError | undefined
  for (const { authority, isAnchor } of candidates(chain, search.request)) {
    try {
      countCheck(search)
      yield 'certificates'
      checkAuthority(authority, chain, search)
      const longer: CertificateChain = [...chain, authority]
      if (!isAnchor) return yield* findChain(longer, search)
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
      `${certificateLabel(child)} was issued by \`${shown(child.issuer.text)}\`, which is not trusted`,
      { detail: { kind: 'certificate-authority' } },
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
      // The same name and key in another certificate leads nowhere new. This ends cross-signed cycles.
      !chain.some(
        (used) =>
          equalBytes(used.subject.raw, authority.subject.raw) &&
          equalBytes(used.publicKey.spki, authority.publicKey.spki),
      ),
  )
  const rank = ({ authority, isAnchor }: Candidate): number => keyIdRank(child, authority) + (isAnchor ? 0 : 3)
  return found.toSorted((a, b) => rank(a) - rank(b))
}

/** 0 if the key identifiers are equal, 1 if one is missing, 2 if they differ. It decides the order only. */
function keyIdRank(child: Certificate, authority: Certificate): number {
  if (!child.authorityKeyId || !authority.subjectKeyId) return 1
  return equalBytes(child.authorityKeyId, authority.subjectKeyId) ? 0 : 2
}

function countCheck(search: Search): void {
  if (++search.signatureChecks > MAX_SIGNATURE_CHECKS) {
    throw new CertificateError(
      'CERTIFICATE_LIMIT_EXCEEDED',
      `found no chain within ${MAX_SIGNATURE_CHECKS} signature checks`,
      { detail: { kind: 'certificate-search-limit' } },
    )
  }
}

function checkAuthority(authority: Certificate, chain: CertificateChain, search: Search): void {
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
    `path length of ${certificateLabel(authority)}: expected at most ${pathLength} CAs below it, got ${below.length - 1}`,
    { detail: { kind: 'certificate-path-length' } },
  )
}

function checkWholeChain(chain: CertificateChain, usage: ChainUsage): void {
  checkChainUsage(chain, usage)
  chain.forEach(({ nameConstraints }, i) => {
    if (nameConstraints) for (const below of chain.slice(0, i)) checkNames(below.subjectAltNames, nameConstraints)
  })
}

/**
 * Returns the failure of a candidate that was found by name and is not the issuer. A signature that does not verify
 * means another CA of that name, so the chain is untrusted; every other failure keeps its code, which says more.
 */
function asCandidateFailure(failure: CertificateError, { subject, serialNumber }: Certificate): CertificateError {
  const organization = subject.parts.flat().find(({ name }) => name === 'O')?.value
  const name = subject.commonName || organization || `serial:${serialNumber}`
  return new CertificateError(
    failure.code === 'CERTIFICATE_SIGNATURE_INVALID' ? 'CERTIFICATE_UNTRUSTED' : failure.code,
    failure.message,
    {
      cause: failure,
      detail: {
        kind: 'certificate-authority',
        candidate: { name, problem: failure.message, ...(failure.detail && { detail: failure.detail }) },
      },
    },
  )
}
