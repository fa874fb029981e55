import { isJsonObject, type Json, type JsonObject, ownMember } from '@verify-images/primitives'
import { itemsOf, stringAt } from '../json-value.ts'
import { GoDecodeError, decodeGo } from '../schema/decode-go.ts'
import type { Report } from '../schema/check-schema.ts'
import { attestorSet } from '../schema/verify-images-schema.ts'
import { shown } from '../policy-error.ts'
import type { PathKey } from '../place.ts'

/** Checks one attestor set and the sets nested in it. */
export function checkAttestorSet(set: Json, path: readonly PathKey[], report: Report): void {
  const entries = itemsOf(ownMember(set, 'entries'))
  const count = ownMember(set, 'count')
  if (typeof count === 'number' && count > entries.length)
    report(
      'POLICY_COUNT_OUT_OF_RANGE',
      [...path, 'count'],
      `expected at most ${entries.length}, the number of entries, got ${count}`,
    )
  if (entries.length === 0) report('POLICY_FIELD_MISSING', [...path, 'entries'], 'at least one entry is required')
  entries.forEach((entry, i) => checkAttestor(entry, [...path, 'entries', i], report))
}

const KINDS = ['keys', 'certificates', 'keyless', 'attestor'] as const

function checkAttestor(entry: Json, path: readonly PathKey[], report: Report): void {
  const found = KINDS.filter((kind) => (ownMember(entry, kind) ?? null) !== null)
  if (found.length !== 1) {
    report(
      found.length === 0 ? 'POLICY_FIELD_MISSING' : 'POLICY_FIELD_CONFLICT',
      path,
      `expected exactly one of ${KINDS.join(', ')}, got ${found.length}`,
    )
  }
  for (const [kind, check] of Object.entries(CHECKS)) {
    const value = ownMember(entry, kind)
    if (isJsonObject(value)) check(value, [...path, kind], report)
  }
  const nested = ownMember(entry, 'attestor') ?? null
  if (nested !== null) checkNested(nested, [...path, 'attestor'], report)
}

const ALGORITHMS: readonly string[] = ['', 'sha224', 'sha256', 'sha384', 'sha512']

const CHECKS: Readonly<Record<string, (value: JsonObject, path: readonly PathKey[], report: Report) => void>> = {
  keys: (keys, path, report) => {
    const given = stringAt(keys, 'publicKeys') !== ''
    if (!given && stringAt(keys, 'kms') === '' && !isJsonObject(ownMember(keys, 'secret'))) {
      report('POLICY_FIELD_MISSING', path, 'one of publicKeys, kms, secret is required')
    }
    const algorithm = stringAt(keys, 'signatureAlgorithm')
    if (given && !ALGORITHMS.includes(algorithm)) {
      report(
        'POLICY_FIELD_INVALID',
        [...path, 'signatureAlgorithm'],
        `expected one of ${ALGORITHMS.slice(1).join(', ')}, got ${shown(algorithm)}`,
      )
    }
  },
  certificates: (certificates, path, report) => {
    if (stringAt(certificates, 'cert') === '' && stringAt(certificates, 'certChain') === '')
      report('POLICY_FIELD_MISSING', path, 'one of cert, certChain is required')
  },
  keyless: (keyless, path, report) => {
    const rekor = ownMember(keyless, 'rekor')
    if (!isJsonObject(rekor)) {
      if (stringAt(keyless, 'roots') === '') report('POLICY_FIELD_MISSING', path, 'one of rekor, roots is required')
    } else if (stringAt(rekor, 'url') === '') report('POLICY_FIELD_MISSING', [...path, 'rekor', 'url'], 'is required')
  },
}

/** The CRD does not describe nested sets; Go's decoder checks them. */
function checkNested(value: Json, path: readonly PathKey[], report: Report): void {
  try {
    checkAttestorSet(decodeGo(value, attestorSet), path, report)
  } catch (error) {
    if (!(error instanceof GoDecodeError)) throw error
    report(
      'POLICY_FIELD_INVALID',
      path,
      `invalid attestor set: ${error.path}${error.path === '' ? '' : ': '}${error.message}`,
    )
  }
}
