import { hasWildcard, isJsonObject, isLabelKey, isLabelValue, type Json, ownMember } from '@verify-images/primitives'
import { itemsOf, stringAt, stringsOf } from '../json-value.ts'
import { shown } from '../policy-error.ts'

/**
 * Returns why Kubernetes rejects a label selector, or why it selects everything; undefined for a valid one. Selectors
 * with wildcards are Kyverno's own and not checked.
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
  if (pairs.length === 0 && expressions.length === 0) return 'expected a selector with requirements, got an empty one'
  return (
    pairs.map(([key, value]) => keyFault(key) ?? valueFault(value)).find((fault) => fault !== undefined) ??
    expressions.map(expressionFault).find((fault) => fault !== undefined)
  )
}

function expressionFault(expression: Json): string | undefined {
  const operator = stringAt(expression, 'operator')
  const values = stringsOf(ownMember(expression, 'values'))
  const key = keyFault(stringAt(expression, 'key'))
  switch (operator) {
    case 'In':
    case 'NotIn':
      return (
        key ??
        (values.length === 0
          ? `operator ${operator}: expected values, got none`
          : values.map(valueFault).find((fault) => fault !== undefined))
      )
    case 'Exists':
    case 'DoesNotExist':
      return key ?? (values.length > 0 ? `operator ${operator}: expected no values` : undefined)
    default:
      return `expected one of In, NotIn, Exists, DoesNotExist, got ${shown(operator)}`
  }
}

/** Returns why a string is not a label key, `[prefix/]name`, or undefined. */
export function keyFault(key: string): string | undefined {
  return isLabelKey(key) ? undefined : `expected a label key, got ${shown(key)}`
}

/** Returns why a string is not a label value, or undefined. */
export function valueFault(value: string): string | undefined {
  return isLabelValue(value) ? undefined : `expected a label value, got ${shown(value)}`
}
