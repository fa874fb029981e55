import { isJsonObject, type Json, ownMember } from '@verify-images/primitives'
import { effectiveEntry } from '../effective-entry.ts'
import { itemsOf, stringAt } from '../json-value.ts'
import type {
  AnyAllConditions,
  Attestation,
  AttestorEntry,
  ImageVerification,
  PolicyFinding,
  PolicyFindingCode,
} from '../model.ts'
import { patternFinding } from './pattern-finding.ts'

/** Records one finding. */
export type Note = (severity: PolicyFinding['severity'], code: PolicyFindingCode, path: string, message: string) => void

/** Finds what is wrong or doubtful in one `verifyImages` entry. */
export function entryFindings(entry: ImageVerification, path: string, note: Note): void {
  noteOldForms(entry, path, note)
  notePatterns(entry, path, note)
  const effective = effectiveEntry(entry)
  const attestors = effective.attestors ?? []
  const attestations = effective.attestations ?? []
  if (attestors.length === 0 && attestations.length === 0) {
    note(
      'warning',
      'POLICY_ENTRY_UNVERIFIABLE',
      path,
      entry.required
        ? 'the entry has neither attestors nor attestations, so no image can meet `required`'
        : 'the entry has neither attestors nor attestations: it verifies nothing',
    )
  }
  attestors.forEach((set, i) =>
    (set.entries ?? []).forEach((attestor, j) =>
      noteNested(attestor.attestor, `${path}.attestors[${i}].entries[${j}].attestor`, note),
    ),
  )
  const of = { inherits: attestors.length > 0, notary: entry.type === 'Notary' }
  attestations.forEach((attestation, i) => attestationFindings(attestation, of, `${path}.attestations[${i}]`, note))
}

const OLD_FORMS = [
  ['image', 'imageReferences'],
  ['key', 'attestors[].entries[].keys'],
  ['issuer', 'attestors[].entries[].keyless'],
  ['subject', 'attestors[].entries[].keyless'],
  ['roots', 'attestors[].entries[].keyless'],
] as const

function noteOldForms(entry: ImageVerification, path: string, note: Note): void {
  for (const [field, current] of OLD_FORMS) {
    if ((entry[field] ?? '') !== '')
      note('warning', 'POLICY_FIELD_DEPRECATED', `${path}.${field}`, `use \`${current}\``)
  }
  if (entry.additionalExtensions !== undefined && Object.keys(entry.additionalExtensions).length > 0) {
    note(
      'warning',
      'POLICY_FIELD_IGNORED',
      `${path}.additionalExtensions`,
      'is ignored; use `attestors[].entries[].keyless.additionalExtensions`',
    )
  }
}

function notePatterns(
  { image = '', imageReferences = [], skipImageReferences = [] }: ImageVerification,
  path: string,
  note: Note,
): void {
  const lists = { image: image === '' ? [] : [image], imageReferences, skipImageReferences }
  for (const [field, patterns] of Object.entries(lists)) {
    patterns.forEach((pattern, i) => {
      const finding = patternFinding(pattern)
      if (finding !== undefined)
        note(
          'warning',
          'POLICY_IMAGE_PATTERN_DOUBTFUL',
          `${path}.${field}${field === 'image' ? '' : `[${i}]`}`,
          finding,
        )
    })
  }
}

function attestationFindings(
  attestation: Attestation,
  { inherits, notary }: { readonly inherits: boolean; readonly notary: boolean },
  path: string,
  note: Note,
): void {
  const sets = attestation.attestors ?? []
  if (!(inherits && sets.length === 0) && sets.every(({ entries = [] }) => entries.length === 0)) {
    note(
      'problem',
      'POLICY_ATTESTORS_MISSING',
      path,
      'neither the attestation nor its entry has attestors: Kyverno accepts it from any signer, here it never passes',
    )
  }
  sets.forEach((set, i) =>
    (set.entries ?? []).forEach((attestor, j) => {
      const at = `${path}.attestors[${i}].entries[${j}]`
      if (notary && attestor.attestor === undefined && !hasCertificate(attestor))
        note('problem', 'POLICY_ATTESTORS_MISSING', at, 'a Notary attestation without a certificate never passes')
    }),
  )
  if ((attestation.predicateType ?? '') !== '')
    note('warning', 'POLICY_FIELD_DEPRECATED', `${path}.predicateType`, 'use `type`')
  ;(attestation.conditions ?? []).forEach((block, i) => conditionFindings(block, `${path}.conditions[${i}]`, note))
}

function hasCertificate({ certificates }: AttestorEntry): boolean {
  return (certificates?.cert ?? '') !== '' || (certificates?.certChain ?? '') !== ''
}

function conditionFindings(block: AnyAllConditions, path: string, note: Note): void {
  for (const list of ['any', 'all'] as const) {
    block[list]?.forEach(({ key, operator = '' }, i) => {
      const at = `${path}.${list}[${i}]`
      if ((key ?? null) === null)
        note('warning', 'POLICY_CONDITION_INCOMPLETE', at, 'a condition without a key never holds')
      if (operator === 'In' || operator === 'NotIn')
        note('warning', 'POLICY_FIELD_DEPRECATED', `${at}.operator`, `use Any${operator} or All${operator}`)
    })
  }
}

/** The schema does not describe nested sets, so their counts can be negative. */
function noteNested(nested: Json | undefined, path: string, note: Note): void {
  if (!isJsonObject(nested)) return
  const count = ownMember(nested, 'count')
  if (typeof count === 'number' && count < 0)
    note(
      'problem',
      'POLICY_ATTESTOR_INVALID',
      `${path}.count`,
      `expected at least 1, got ${count}: Kyverno treats this as always met, here it never passes`,
    )
  itemsOf(ownMember(nested, 'entries')).forEach((entry, i) => {
    if (stringAt(entry, 'attestor') === '')
      noteNested(ownMember(entry, 'attestor'), `${path}.entries[${i}].attestor`, note)
  })
}
