import type { LabelSelector, MatchBlock, ResourceDescription, Subject } from '@verify-images/policy-parser'
import { matchWildcard } from '@verify-images/primitives'
import { matchesKind } from './kind-selector.ts'
import { evaluateSelector } from './label-selector.ts'
import type { MatchRequest, RequestUser } from './match-request.ts'
import type { ObjectMetadata } from './object-metadata.ts'

/**
 * Returns what of the description does not match the object, in Kyverno's words; empty if all of it matches. Every
 * field must match, and one element of each array.
 *
 * @see Kyverno, pkg/engine/utils/match.go
 */
export function resourceMismatches(
  description: ResourceDescription,
  request: MatchRequest,
  object: ObjectMetadata,
): readonly string[] {
  const {
    operations = [],
    kinds = [],
    name = '',
    names = [],
    namespaces = [],
    annotations = {},
    selector,
    namespaceSelector,
  } = description
  if (operations.length > 0 && !operations.includes(request.operation)) return ['operation does not match']
  const mismatches: string[] = []
  const objectName = object.name || object.generateName
  if (kinds.length > 0 && !matchesKind(kinds, request.gvk, request.subresource))
    mismatches.push(`kind does not match [${kinds.join(' ')}]`)
  if (name !== '' && !matchWildcard(name, objectName)) mismatches.push('name does not match')
  if (names.length > 0 && !names.some((pattern) => matchWildcard(pattern, objectName)))
    mismatches.push('none of the names match')
  if (namespaces.length > 0 && !inNamespace(namespaces, object)) mismatches.push('namespace does not match')
  if (!hasAnnotations(annotations, object.annotations)) mismatches.push('annotations does not match')
  if (selector !== undefined)
    mismatches.push(
      ...selectorMismatches(selector, object.labels, 'failed to parse selector', 'selector does not match'),
    )
  if (namespaceSelector !== undefined)
    mismatches.push(...namespaceMismatches(namespaceSelector, kinds, request, object))
  return mismatches
}

/** A Namespace counts as being in the namespace of its own name. */
function inNamespace(patterns: readonly string[], { kind, name, namespace }: ObjectMetadata): boolean {
  return patterns.some((pattern) => matchWildcard(pattern, kind === 'Namespace' ? name : namespace))
}

/** Each expected pair is matched by some annotation of the object. */
function hasAnnotations(expected: Readonly<Record<string, string>>, actual: ReadonlyMap<string, string>): boolean {
  return Object.entries(expected).every(([key, value]) =>
    [...actual].some(([name, text]) => matchWildcard(key, name) && matchWildcard(value, text)),
  )
}

function namespaceMismatches(
  selector: LabelSelector,
  kinds: readonly string[],
  { namespaceLabels }: MatchRequest,
  { kind }: ObjectMetadata,
): readonly string[] {
  if (kind === 'Namespace') return ['namespace selector is not applicable for namespace resource']
  if (kind === '' && !kinds.includes('*')) return []
  return selectorMismatches(
    selector,
    new Map(Object.entries(namespaceLabels)),
    'failed to parse namespace selector',
    'namespace selector does not match labels',
  )
}

function selectorMismatches(
  selector: LabelSelector,
  labels: ReadonlyMap<string, string>,
  invalid: string,
  mismatch: string,
): readonly string[] {
  const result = evaluateSelector(selector, labels)
  if ('problem' in result) return [`${invalid}: ${result.problem}`]
  return result.matches ? [] : [mismatch]
}

/** Returns whether the description selects by nothing. A selector counts even if it is empty. */
export function isEmptyDescription({
  operations = [],
  kinds = [],
  name = '',
  names = [],
  namespaces = [],
  annotations = {},
  selector,
  namespaceSelector,
}: ResourceDescription): boolean {
  return (
    name === '' &&
    selector === undefined &&
    namespaceSelector === undefined &&
    [operations, kinds, names, namespaces, Object.keys(annotations)].every(({ length }) => length === 0)
  )
}

/**
 * Returns what of the block does not match the requester, in Kyverno's words. Roles, cluster roles and subjects must
 * all match.
 */
export function userMismatches(
  { roles = [], clusterRoles = [], subjects = [] }: MatchBlock,
  request: MatchRequest,
): readonly string[] {
  const mismatches: string[] = []
  if (roles.length > 0 && !roles.some((role) => request.roles.includes(role)))
    mismatches.push('user info does not match roles for the given conditionBlock')
  if (clusterRoles.length > 0 && !clusterRoles.some((role) => request.clusterRoles.includes(role)))
    mismatches.push('user info does not match clustersRoles for the given conditionBlock')
  if (subjects.length > 0 && !subjects.some((subject) => isSubject(subject, request.userInfo)))
    mismatches.push('user info does not match subject for the given conditionBlock')
  return mismatches
}

function isSubject({ kind, name, namespace = '' }: Subject, { username = '', groups = [] }: RequestUser): boolean {
  if (kind === 'ServiceAccount') return matchWildcard(`system:serviceaccount:${namespace}:${name}`, username)
  if (kind === 'User') return matchWildcard(name, username)
  return kind === 'Group' && groups.some((group) => matchWildcard(name, group))
}
