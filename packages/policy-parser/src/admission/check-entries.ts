import { isJsonObject, itemsOf, ownValue, textOf } from '../json-value.ts'
import type { Json, JsonObject } from '../model.ts'
import { hasVerifyImages } from '../rule-type.ts'
import type { Report } from '../schema/check-schema.ts'
import type { PathKey } from '../yaml/place.ts'
import { checkAttestorSet } from './check-attestors.ts'
import type { Check } from './policy-view.ts'

/** Image entries of every rule as it is evaluated. */
export const checkEntries: Check = ({ computed, spec }, report) => {
  for (const { rule, path } of computed) {
    if (!hasVerifyImages(rule)) continue
    let enforced = isEnforced(ownValue(spec, 'validationFailureAction'))
    itemsOf(ownValue(rule, 'verifyImages')).forEach((entry, i) => {
      // An entry without an action takes over the one of the entry before it.
      const action = ownValue(entry, 'failureAction')
      if (typeof action === 'string') enforced = isEnforced(action)
      if (isJsonObject(entry)) checkEntry(entry, enforced, [...path, 'verifyImages', i], report)
    })
  }
}

function isEnforced(action: Json | undefined): boolean {
  return action === 'Enforce' || action === 'enforce'
}

function checkEntry(entry: JsonObject, enforced: boolean, path: readonly PathKey[], report: Report): void {
  if (!enforced && ownValue(entry, 'mutateDigest') === true) {
    report('POLICY_FIELD_CONFLICT', [...path, 'mutateDigest'], 'must be false where the failure action is Audit')
  }
  if (itemsOf(ownValue(entry, 'imageReferences')).length === 0 && textOf(entry, 'image') === '') {
    report('POLICY_FIELD_MISSING', [...path, 'imageReferences'], 'at least one image reference is required')
  }
  const attestations = itemsOf(ownValue(entry, 'attestations'))
  attestations.forEach((attestation, i) => {
    itemsOf(ownValue(attestation, 'attestors')).forEach((set, j) =>
      checkAttestorSet(set, [...path, 'attestations', i, 'attestors', j], report),
    )
  })
  const attestors = itemsOf(ownValue(entry, 'attestors'))
  attestors.forEach((set, i) => checkAttestorSet(set, [...path, 'attestors', i], report))
  // The old short form is an attestor like any other; beside attestations upstream loses it before it looks.
  if (attestations.length === 0) checkShortForm(entry, path, report)
  if (ownValue(entry, 'type') === 'Notary') checkNotary(attestors, path, report)
}

function checkShortForm(entry: JsonObject, path: readonly PathKey[], report: Report): void {
  if (textOf(entry, 'key') !== '') return
  if (textOf(entry, 'issuer') !== '') {
    if (textOf(entry, 'roots') === '')
      report(
        'POLICY_FIELD_MISSING',
        [...path, 'issuer'],
        'needs `roots`, or an attestor with `keyless` and a transparency log',
      )
    return
  }
  const annotations = ownValue(entry, 'annotations')
  if (textOf(entry, 'image') !== '' && isJsonObject(annotations) && Object.keys(annotations).length > 0) {
    report('POLICY_FIELD_MISSING', [...path, 'annotations'], '`image` with `annotations` needs a `key` or an `issuer`')
  }
}

function checkNotary(attestors: readonly Json[], path: readonly PathKey[], report: Report): void {
  attestors.forEach((set, i) =>
    itemsOf(ownValue(set, 'entries')).forEach((entry, j) => {
      for (const kind of ['keyless', 'keys']) {
        if (isJsonObject(ownValue(entry, kind)))
          report(
            'POLICY_FIELD_CONFLICT',
            [...path, 'attestors', i, 'entries', j, kind],
            'cannot be used for type Notary',
          )
      }
    }),
  )
}
