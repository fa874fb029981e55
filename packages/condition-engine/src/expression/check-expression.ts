import { ConditionError, expressionTooLarge } from '../condition-error.ts'
import { typeName } from '../check-arguments.ts'
import { LIMITS } from '../limits.ts'
import type { Node } from './node.ts'
import { parseExpression } from './parser.ts'

/**
 * Checks an expression as `compileExpression` does, without the functions: a program that only reads policies does not
 * need them.
 *
 * @throws ConditionError CONDITION_EXPRESSION_INVALID; CONDITION_LIMIT_EXCEEDED for one that is too long or too deep
 */
export function checkExpression(text: string): void {
  checkDepth(parseChecked(text))
}

/** @throws ConditionError CONDITION_EXPRESSION_INVALID, CONDITION_LIMIT_EXCEEDED */
export function parseChecked(text: string): Node {
  if (typeof text === 'string') return parseExpression(text)
  throw new ConditionError(
    'CONDITION_EXPRESSION_INVALID',
    'type',
    `invalid expression: expected a string, got ${typeName(text)}`,
  )
}

/** The same bound as that of compiling, which turns each level into a closure. */
function checkDepth(node: Node, depth = 0): void {
  if (depth > LIMITS.expressionDepth) throw expressionTooLarge(`at most ${LIMITS.expressionDepth} nested levels`)
  for (const part of partsOf(node)) checkDepth(part, depth + 1)
}

function partsOf(node: Node): readonly Node[] {
  switch (node.kind) {
    case 'current':
    case 'identity':
    case 'field':
    case 'literal':
    case 'index':
    case 'slice':
      return []
    case 'flatten':
      return [node.left]
    case 'not':
      return [node.operand]
    case 'chain':
    case 'pipe':
    case 'or':
    case 'and':
    case 'comparator':
    case 'list-projection':
    case 'value-projection':
      return [node.left, node.right]
    case 'filter-projection':
      return [node.left, node.right, node.condition]
    case 'multiselect-list':
      return node.items
    case 'multiselect-hash':
      return node.entries.map(([, value]) => value)
    case 'call':
      return node.args
    case 'reference':
      return [node.expression]
  }
}
