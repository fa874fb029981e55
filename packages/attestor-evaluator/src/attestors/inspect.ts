import type { Attestation, AttestorEntry, AttestorSet, ImageVerification } from '@verify-images/policy-parser'
import { CheckError, checkErrorOf } from '@verify-images/primitives'
import { attestorOptions, type AttestorOptions } from '../attestor-options.ts'
import { bundleRequirements } from '../bundle/bundle-requirements.ts'
import { parsePinnedCertificate, parsePinnedChain, parseTrustAnchors } from '../cosign/pinned-certificate.ts'
import { parseRepository } from '../cosign/repository-name.ts'
import type { CosignVerifierOptions } from '../cosign/options.ts'
import { formatKeyMaterial, type KeyMaterial } from '../keys/key-material.ts'
import { refuseKeyReference } from '../keys/resolve-key.ts'
import { readHash, readPublicKey } from '../keys/verification-key.ts'
import { MAX_ATTESTOR_DEPTH } from '../limits.ts'
import type { KeyResolver } from '../ports.ts'
import { parseLogKey, parseRoots, parseTimestampChain } from '../sigstore/policy-trust.ts'
import { decodeNestedSet } from './decode-nested-set.ts'
import { expandKeys } from './expand-keys.ts'
import { type AttestorFinding, isLiteral, type Report } from './finding.ts'
import { inspectIdentity } from './inspect-identity.ts'
import { namesSigner } from './named-signer.ts'
import { requiredCount } from './attestor-set.ts'

export interface InspectionOptions extends CosignVerifierOptions {
  /** The resolver that evaluations will have; `undefined` means none. If omitted, named keys are not inspected. */
  readonly keys?: KeyResolver | undefined
}

/**
 * Everything about one `verifyImages` entry that can never pass, or that is easily misread.
 *
 * Strings with variables are skipped: their values are not known yet.
 *
 * @param path where the entry stands, such as `spec.rules[0].verifyImages[1]`
 */
export function inspectEntry(
  verification: ImageVerification,
  path: string,
  options: InspectionOptions,
): readonly AttestorFinding[] {
  const findings: AttestorFinding[] = []
  const inspection: Inspection = {
    verification,
    options,
    report: (severity, code, at, message) => findings.push({ severity, code, path: at, message }),
  }
  inspectRepository(inspection, verification.repository, path)
  for (const [i, set] of (verification.attestors ?? []).entries())
    inspectSet(inspection, set, `${path}.attestors[${i}]`, 'signature', 0)
  for (const [i, attestation] of (verification.attestations ?? []).entries())
    inspectAttestation(inspection, attestation, `${path}.attestations[${i}]`)
  return findings
}

interface Inspection {
  readonly verification: ImageVerification
  readonly options: InspectionOptions
  readonly report: Report
}

type Purpose = 'signature' | 'attestation'

function inspectAttestation(inspection: Inspection, attestation: Attestation, path: string): void {
  const { report } = inspection
  if (!attestation.type && !attestation.predicateType)
    report('problem', 'ATTESTOR_POLICY_INVALID', path, 'the attestation names no type')
  const sets = attestation.attestors ?? []
  if (sets.length === 0 && !inspection.verification.attestors?.length)
    report(
      'problem',
      'ATTESTOR_POLICY_INVALID',
      path,
      'neither the attestation nor its entry names attestors, so anyone could have signed it; it never passes',
    )
  else if (sets.length === 0) inspectInherited(inspection, inspection.verification.attestors ?? [], path)
  for (const [j, set] of sets.entries()) inspectSet(inspection, set, `${path}.attestors[${j}]`, 'attestation', 0)
}

function inspectSet(inspection: Inspection, set: AttestorSet, path: string, purpose: Purpose, depth: number): void {
  const { report } = inspection
  const entries = set.entries ?? []
  const expanded =
    purpose === 'signature' || depth > 0 ? expandKeys(entries) : entries.map((entry, position) => ({ entry, position }))
  const required = requiredCount(set, expanded.length)
  if (required === undefined || required > expanded.length) {
    report(
      'problem',
      'ATTESTOR_SET_INVALID',
      path,
      `the set has ${expanded.length} entries, and ${set.count ?? 'all'} of them must hold`,
    )
  } else if (
    expanded.length -
      countRepeatedKeys(expanded.map(({ entry }) => attestorOptions(inspection.verification, entry, purpose))) <
    required
  ) {
    report(
      'problem',
      'ATTESTOR_DUPLICATE_SIGNER',
      path,
      `${required} entries must hold, but some name one key: a key counts once`,
    )
  }
  for (const { entry, position } of expanded)
    inspectAttestor(inspection, entry, `${path}.entries[${position}]`, purpose, depth)
}

/** The attestors of the entry are inspected as its own; this is what differs when an attestation inherits them. */
function inspectInherited(inspection: Inspection, sets: readonly AttestorSet[], path: string): void {
  const entries = sets.flatMap((set) => attestorsOf(set))
  inspectOpenCheck(inspection, entries, path, 'an attestation without attestors of its own')
  for (const entry of entries)
    inspectAnnotations(inspection, attestorOptions(inspection.verification, entry, 'attestation'), path)
}

/**
 * Reports an attestation whose signers Kyverno does not check.
 *
 * Its statements must also pass as Kyverno checks them, by an attestor that names no signer. That check fails for every
 * bundle and Notary attestation, and for every cosign attestation without a certificate.
 */
function inspectOpenCheck(
  { verification, report }: Inspection,
  entries: readonly AttestorEntry[],
  path: string,
  what: string,
): void {
  const type = verification.type ?? 'Cosign'
  if (type !== 'Cosign') {
    const message = `${what} never passes with type ${type}; name its attestors in the attestation`
    report('problem', 'ATTESTOR_POLICY_INVALID', path, message)
  } else if (entries.some(({ keys }) => keys !== undefined)) {
    const message = `${what} needs a certificate beside the signature of its key; name its keys in the attestation`
    report('warning', 'ATTESTOR_CERTIFICATE_INVALID', path, message)
  }
}

/**
 * Returns the attestors of a set and of the sets nested in it. A malformed nested set has no attestors: it is reported
 * itself.
 */
function attestorsOf({ entries = [] }: AttestorSet, depth = 0): readonly AttestorEntry[] {
  return entries.flatMap((entry) => {
    if (entry.attestor === undefined) return [entry]
    try {
      return depth < MAX_ATTESTOR_DEPTH ? attestorsOf(decodeNestedSet(entry.attestor, ''), depth + 1) : []
    } catch {
      return []
    }
  })
}

/** Returns how many attestors name a key that an earlier one names. */
function countRepeatedKeys(attestors: readonly AttestorOptions[]): number {
  const keys = attestors.flatMap((attestor) => {
    try {
      return keyIdentity(attestor) ?? []
    } catch {
      return []
    }
  })
  return keys.length - new Set(keys).size
}

/** Returns what identifies the only key of an attestor: its fingerprint, or the reference to it. */
function keyIdentity(attestor: AttestorOptions): string | undefined {
  if (attestor.kind === 'keys' && attestor.key !== undefined)
    return attestor.key.kind === 'pem' ? readPublicKey(attestor.key.pem).fingerprint : formatKeyMaterial(attestor.key)
  if (attestor.kind !== 'certificates' || attestor.certificate === undefined) return undefined
  const isOnlyKey = attestor.certificateChain === undefined
  return isOnlyKey ? parsePinnedCertificate(attestor.certificate).publicKey.fingerprint : undefined
}

function inspectAttestor(
  inspection: Inspection,
  entry: AttestorEntry,
  path: string,
  purpose: Purpose,
  depth: number,
): void {
  const { verification, report } = inspection
  if (entry.attestor !== undefined) {
    const nested = entry.attestor
    attempt(inspection, `${path}.attestor`, () => {
      if (depth >= MAX_ATTESTOR_DEPTH)
        throw new CheckError('ATTESTOR_LIMIT_EXCEEDED', `attestors are nested more than ${MAX_ATTESTOR_DEPTH} deep`)
      const set = decodeNestedSet(nested, path)
      if (purpose === 'attestation' && depth === 0)
        inspectOpenCheck(inspection, attestorsOf(set), `${path}.attestor`, 'an attestation by a nested attestor set')
      inspectSet(inspection, set, `${path}.attestor`, purpose, depth + 1)
    })
    return
  }
  const attestor = attestorOptions(verification, entry, purpose)
  const at = attestor.kind === 'none' ? path : `${path}.${attestor.kind}`
  if (!namesSigner(attestor))
    report(
      'problem',
      'ATTESTOR_POLICY_INVALID',
      at,
      'the attestor names no signer, so anyone would satisfy it; it never passes',
    )
  inspectRepository(inspection, entry.repository, path)
  if (verification.type !== 'Notary') inspectSigstore(inspection, attestor, at, purpose)
  if (verification.type === 'SigstoreBundle' && namesSigner(attestor) && hasLiteralIdentity(attestor))
    attempt(inspection, at, () => bundleRequirements(attestor))
}

function hasLiteralIdentity(attestor: AttestorOptions): boolean {
  if (attestor.kind !== 'keyless') return true
  const { issuer, issuerRegExp, subject, subjectRegExp } = attestor.identity
  return [issuer, issuerRegExp, subject, subjectRegExp].every((text) => text === undefined || isLiteral(text))
}

function inspectSigstore(inspection: Inspection, attestor: AttestorOptions, at: string, purpose: Purpose): void {
  const { options, report } = inspection
  const check = (name: string, text: string | undefined, read: (text: string) => unknown): void => {
    if (isLiteral(text)) attempt(inspection, name === '' ? at : `${at}.${name}`, () => read(text))
  }
  if (attestor.kind === 'keys' && attestor.key !== undefined) {
    const { key } = attestor
    check('', formatKeyMaterial(key), () => inspectKey(inspection, key, at))
  }
  check('signatureAlgorithm', attestor.signatureAlgorithm, readHash)
  if (attestor.kind === 'certificates') {
    const { certificate, certificateChain } = attestor
    check('cert', certificate, parsePinnedCertificate)
    if (certificate === undefined) check('certChain', certificateChain, parseTrustAnchors)
    else if (isLiteral(certificate))
      check('certChain', certificateChain, (chain) =>
        parsePinnedChain(parsePinnedCertificate(certificate), chain, options.verifyPinnedChain === true),
      )
  }
  check('roots', attestor.roots, parseRoots)
  check('rekor.pubkey', attestor.transparencyLog.publicKey, parseLogKey)
  check('ctlog.pubkey', attestor.certificateLog.publicKey, parseLogKey)
  check('ctlog.tsaCertChain', attestor.timestampChain, parseTimestampChain)
  if (attestor.kind === 'keyless')
    inspectIdentity(attestor.identity, at, report, inspection.verification.type === 'SigstoreBundle')
  if (purpose === 'attestation') inspectAnnotations(inspection, attestor, at)
}

function inspectAnnotations(
  { verification, report }: Inspection,
  { annotations }: AttestorOptions,
  path: string,
): void {
  if ((verification.type ?? 'Cosign') !== 'Cosign' || Object.keys(annotations).length === 0) return
  const message = 'attestations have no annotations, so one that requires some never passes'
  report('problem', 'ATTESTOR_ANNOTATION_MISMATCH', path, message)
}

function inspectRepository(inspection: Inspection, repository: string | undefined, path: string): void {
  if (isLiteral(repository)) attempt(inspection, `${path}.repository`, () => parseRepository(repository))
}

function inspectKey({ options, report }: Inspection, key: KeyMaterial, path: string): void {
  if (key.kind === 'pem') readPublicKey(key.pem)
  else if (key.kind === 'unsupported') refuseKeyReference(key.reference)
  else if ('keys' in options && options.keys === undefined)
    report('problem', 'ATTESTOR_KEY_UNAVAILABLE', path, 'no key resolver is configured for the key that is named here')
}

function attempt({ report }: Inspection, path: string, read: () => unknown): void {
  try {
    read()
  } catch (error) {
    const known = checkErrorOf(error)
    if (known === undefined) throw error
    report('problem', known.code, path, known.message)
  }
}
