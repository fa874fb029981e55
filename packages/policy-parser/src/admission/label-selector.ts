import { hasWildcard, isJsonObject, type Json, ownMember } from '@verify-images/primitives'
import { itemsOf, textOf, textsOf } from '../json-value.ts'
import { shown } from '../policy-error.ts'

/**
 * Why Kubernetes rejects a label selector, or why it selects everything; undefined for a valid one. Selectors with
 * wildcards are Kyverno's own and not checked.
 *
 * @see Kubernetes, apimachinery: LabelSelectorAsSelector, labels.NewRequirement
 */
export function selectorFault(selector: Json): string | undefined {
  const labels = ownMember(selector, 'matchLabels')
  const pairs = isJsonObject(labels)
    ? Object.entries(labels).map(([key, value]) => [key, typeof value === 'string' ? value : ''] as const)
    : []
  if (pairs.some(([key, value]) => hasWildcard(key) || hasWildcard(value))) return undefined
  const expressions = itemsOf(ownMember(selector, 'matchExpressions'))
  if (pairs.length === 0 && expressions.length === 0) return 'the selector has no requirements'
  return (
    pairs.map(([key, value]) => keyFault(key) ?? valueFault(value)).find((fault) => fault !== undefined) ??
    expressions.map(expressionFault).find((fault) => fault !== undefined)
  )
}

function expressionFault(expression: Json): string | undefined {
  const operator = textOf(expression, 'operator')
  const values = textsOf(ownMember(expression, 'values'))
  const key = keyFault(textOf(expression, 'key'))
  switch (operator) {
    case 'In':
    case 'NotIn':
      return (
        key ??
        (values.length === 0
          ? `operator ${operator} needs values`
          : values.map(valueFault).find((fault) => fault !== undefined))
      )
    case 'Exists':
    case 'DoesNotExist':
      return key ?? (values.length > 0 ? `operator ${operator} takes no values` : undefined)
    default:
      return `${shown(operator)} is not an operator of label selectors`
  }
}

const NAME = /^(?:[A-Za-z0-9][-\w.]*)?[A-Za-z0-9]$/
const SUBDOMAIN = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/

/** Why a string is not a label or annotation key, `[prefix/]name`; undefined if it is. */
export function keyFault(key: string): string | undefined {
  const parts = key.split('/')
  const name = parts.at(-1) ?? ''
  const prefix = parts.length === 2 ? parts[0] : undefined
  const sound =
    parts.length <= 2 && name.length <= 63 && NAME.test(name) && (prefix === undefined || isSubdomain(prefix))
  return sound ? undefined : `${shown(key)} is not a label key`
}

/** Why a string is not a label value; undefined if it is. */
export function valueFault(value: string): string | undefined {
  return value === '' || (value.length <= 63 && NAME.test(value)) ? undefined : `${shown(value)} is not a label value`
}

/** Whether `name` is an RFC 1123 subdomain, as the names of most objects must be. */
export function isSubdomain(name: string): boolean {
  return name.length <= 253 && SUBDOMAIN.test(name)
}
