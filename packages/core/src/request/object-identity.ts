import { isObject, type JsonObject } from '@verify-images/primitives'
import type { GroupVersionKind } from '../match/match-request.ts'
import { VerifierError } from '../verifier-error.ts'
import type { ResourceRequest } from './admission-request.ts'
import { stringField, stringMapField, wrong } from './typed-field.ts'

/**
 * Returns kind and metadata of an object.
 *
 * Names and labels that are not strings would count as absent, and a rule that selects by them would not match. No
 * policy matches a List, although kubectl creates its items. Kubernetes has no other kinds whose names end in List.
 * An API server sends single objects only, so a custom resource in a review may have that name and `items`.
 */
export function identityOf(
  { apiVersion, kind, metadata, items }: JsonObject,
  what: string,
  isReview: boolean = false,
): { readonly gvk: GroupVersionKind; readonly metadata: JsonObject | undefined } {
  if (typeof apiVersion !== 'string' || typeof kind !== 'string' || kind === '' || apiVersion.split('/').length > 2) {
    throw new VerifierError('VERIFIER_RESOURCE_INVALID', `${what}: expected \`apiVersion\` and \`kind\``)
  }
  const mayBeList = isOfKubernetes(apiVersion) || (items !== undefined && !isReview)
  if (kind.endsWith('List') && mayBeList)
    throw new VerifierError(
      'VERIFIER_RESOURCE_INVALID',
      `${what} is a ${kind.slice(0, 80)}: pass each of its items instead`,
    )
  if (metadata !== undefined && !isObject(metadata))
    throw new VerifierError('VERIFIER_RESOURCE_INVALID', `the ${what}'s metadata: expected an object`)
  for (const name of ['name', 'namespace', 'generateName'])
    stringField(metadata?.[name] ?? undefined, `the ${what}'s metadata.${name}`)
  for (const name of ['labels', 'annotations']) stringMapField(metadata?.[name], `the ${what}'s metadata.${name}`)
  const slash = apiVersion.indexOf('/')
  return {
    gvk: { group: slash < 0 ? '' : apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1), kind },
    metadata,
  }
}

function isOfKubernetes(apiVersion: string): boolean {
  return !apiVersion.slice(0, Math.max(0, apiVersion.indexOf('/'))).includes('.')
}

/**
 * Returns the kind of a request: that of its object, unless it names a subresource. If they differed, rules for one
 * kind would not match the other.
 *
 * @throws VerifierError VERIFIER_RESOURCE_INVALID
 */
export function requestedKind({ kind, subresource }: ResourceRequest, own: GroupVersionKind): GroupVersionKind {
  if (kind === undefined) return own
  const requested = kindOf(kind)
  if (stringField(subresource, 'subresource') === '' && (requested.kind !== own.kind || requested.group !== own.group))
    throw wrong('kind', 'that of the resource, unless the request names a subresource')
  return requested
}

/** @throws VerifierError VERIFIER_RESOURCE_INVALID */
export function kindOf(given: unknown): GroupVersionKind {
  if (!isObject(given) || given['kind'] === '' || given['kind'] === undefined)
    throw wrong('kind', 'group, version and kind')
  return {
    group: stringField(given['group'], 'kind.group'),
    version: stringField(given['version'], 'kind.version'),
    kind: stringField(given['kind'], 'kind.kind'),
  }
}
