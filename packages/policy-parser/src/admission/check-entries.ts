import { isJsonObject, type Json, type JsonObject, ownMember } from '@verify-images/primitives'
import { itemsOf, stringAt } from '../json-value.ts'
import { hasVerifyImages } from '../rule-type.ts'
import type { Report } from '../schema/check-schema.ts'
import type { PathKey } from '../place.ts'
import { checkAttestorSet } from './check-attestors.ts'
import type { Check } from './policy-view.ts'

/** Checks the `verifyImages` entries of every computed rule. */
export const checkEntries: Check = ({ computed, spec }, report) => {
  for (const { rule, path } of computed) {
    if (!hasVerifyImages(rule)) continue
    let enforced = isEnforced(ownMember(spec, 'validationFailureAction'))
    itemsOf(ownMember(rule, 'verifyImages')).forEach((entry, i) => {
      // An entry without an action inherits the action of the entry before it.
      const action = ownMember(entry, 'failureAction')
      if (typeof action === 'string') enforced = isEnforced(action)
      if (isJsonObject(entry)) checkEntry(entry, enforced, [...path, 'verifyImages', i], report)
    })
  }
}

function isEnforced(action: Json | undefined): boolean {
  return action === 'Enforce' || action === 'enforce'
}

function checkEntry(entry: JsonObject, enforced: boolean, path: readonly PathKey[], report: Report): void {
  if (!enforced && ownMember(entry, 'mutateDigest') === true) {
    report('POLICY_FIELD_CONFLICT', [...path, 'mutateDigest'], 'must be false if the failure action is Audit')
  }
  if (itemsOf(ownMember(entry, 'imageReferences')).length === 0 && stringAt(entry, 'image') === '') {
    report('POLICY_FIELD_MISSING', [...path, 'imageReferences'], 'at least one image reference is required')
  }
  const attestations = itemsOf(ownMember(entry, 'attestations'))
  attestations.forEach((attestation, i) => {
    itemsOf(ownMember(attestation, 'attestors')).forEach((set, j) =>
      checkAttestorSet(set, [...path, 'attestations', i, 'attestors', j], report),
    )
  })
  const attestors = itemsOf(ownMember(entry, 'attestors'))
  attestors.forEach((set, i) => checkAttestorSet(set, [...path, 'attestors', i], report))
  // Kyverno drops the short form beside attestations before it gets here.
  if (attestations.length === 0) checkShortForm(entry, path, report)
  if (ownMember(entry, 'type') === 'Notary') checkNotary(attestors, path, report)
}

function checkShortForm(entry: JsonObject, path: readonly PathKey[], report: Report): void {
  if (stringAt(entry, 'key') !== '') return
  if (stringAt(entry, 'issuer') !== '') {
    if (stringAt(entry, 'roots') === '')
      report(
        'POLICY_FIELD_MISSING',
        [...path, 'issuer'],
        'needs `roots`, or an attestor with `keyless` and a transparency log',
      )
    return
  }
  const annotations = ownMember(entry, 'annotations')
  if (stringAt(entry, 'image') !== '' && isJsonObject(annotations) && Object.keys(annotations).length > 0) {
    report('POLICY_FIELD_MISSING', [...path, 'annotations'], '`image` with `annotations` needs a `key` or an `issuer`')
  }
}

function checkNotary(attestors: readonly Json[], path: readonly PathKey[], report: Report): void {
  attestors.forEach((set, i) =>
    itemsOf(ownMember(set, 'entries')).forEach((entry, j) => {
      for (const kind of ['keyless', 'keys']) {
        if (isJsonObject(ownMember(entry, kind)))
          report(
            'POLICY_FIELD_CONFLICT',
            [...path, 'attestors', i, 'entries', j, kind],
            'cannot be used with type Notary',
          )
      }
    }),
  )
}
