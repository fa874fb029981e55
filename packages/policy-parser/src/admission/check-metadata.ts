import {
  isDnsLabel,
  isDnsSubdomain,
  isJsonObject,
  isLabelKey,
  type JsonObject,
  ownMember,
} from '@verify-images/primitives'
import { itemsOf, stringAt, stringsOf } from '../json-value.ts'
import { shown } from '../policy-error.ts'
import type { Report } from '../schema/check-schema.ts'
import { keyFault, valueFault } from './label-selector.ts'

const MAX_ANNOTATION_BYTES = 256 * 1024

/** Checks the metadata of an object as Kubernetes does on creation. */
export function checkMetadata(document: JsonObject, report: Report): void {
  const metadata = ownMember(document, 'metadata')
  const [name, prefix] = [stringAt(metadata, 'name'), stringAt(metadata, 'generateName')]
  if (name === '' && prefix === '') report('POLICY_FIELD_MISSING', ['metadata', 'name'], 'is required')
  else if (name !== '' && !isDnsSubdomain(name))
    report(
      'POLICY_FIELD_INVALID',
      ['metadata', 'name'],
      `expected lower-case letters, digits, \`-\` and \`.\`, got ${shown(name)}`,
    )
  const namespace = stringAt(metadata, 'namespace')
  if (namespace !== '' && !isDnsLabel(namespace))
    report('POLICY_FIELD_INVALID', ['metadata', 'namespace'], `expected a namespace name, got ${shown(namespace)}`)

  const [labels, annotations] = ['labels', 'annotations'].map((key) => Object.entries(mapAt(document, key)))
  for (const [key, value] of labels ?? []) {
    const fault = keyFault(key) ?? valueFault(typeof value === 'string' ? value : '')
    if (fault !== undefined) report('POLICY_FIELD_INVALID', ['metadata', 'labels', key], fault)
  }
  let bytes = 0
  for (const [key, value] of annotations ?? []) {
    // Unlike label keys, annotation keys may have upper case in their prefix.
    if (!isLabelKey(key.toLowerCase()))
      report('POLICY_FIELD_INVALID', ['metadata', 'annotations', key], `expected an annotation key, got ${shown(key)}`)
    bytes += Buffer.byteLength(key) + Buffer.byteLength(typeof value === 'string' ? value : '')
  }
  if (bytes > MAX_ANNOTATION_BYTES)
    report(
      'POLICY_TOO_LARGE',
      ['metadata', 'annotations'],
      `expected at most ${MAX_ANNOTATION_BYTES} bytes in all annotations together, got ${bytes}`,
    )
  stringsOf(ownMember(metadata, 'finalizers')).forEach((finalizer, i) => {
    if (!isLabelKey(finalizer))
      report('POLICY_FIELD_INVALID', ['metadata', 'finalizers', i], `expected a finalizer, got ${shown(finalizer)}`)
  })
  itemsOf(ownMember(metadata, 'ownerReferences')).forEach((owner, i) => {
    for (const key of ['apiVersion', 'kind', 'name', 'uid']) {
      if (stringAt(owner, key) === '')
        report('POLICY_FIELD_MISSING', ['metadata', 'ownerReferences', i, key], 'is required')
    }
  })
}

function mapAt(document: JsonObject, key: string): JsonObject {
  const map = ownMember(ownMember(document, 'metadata'), key)
  return isJsonObject(map) ? map : {}
}
