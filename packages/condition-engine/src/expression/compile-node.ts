import { expressionTooLarge } from '../condition-error.ts'
import { setKey } from '@verify-images/primitives'
import { LIMITS } from '../limits.ts'
import { FUNCTIONS } from '../functions/function-table.ts'
import { comparator } from './comparator.ts'
import { filterProjection, flatten, indexed, listProjection, valueProjection } from './compile-projection.ts'
import { evaluationError } from './evaluation.ts'
import type { Node, SliceParts } from './node.ts'
import { elementsOf, ExpressionReference, isObject, isTruthy, NotFound, orNull } from './value.ts'
import type { Evaluate, Value } from './value.ts'

/** A compiled node. */
export interface Compiled {
  readonly evaluate: Evaluate
  /** Number of nodes that one evaluation visits, not counting repetitions by its own projections. */
  readonly size: number
}

/**
 * Compiles a syntax tree to closures, so that names and functions are looked up once.
 *
 * The dialect differs by where a missing key is an error and where it is null: each kind of node either propagates
 * a {@link NotFound} or converts it with {@link orNull}.
 */
export function compileNode(node: Node, depth = 0): Compiled {
  if (depth > LIMITS.expressionDepth) throw expressionTooLarge(`at most ${LIMITS.expressionDepth} nested levels`)
  const compile = (part: Node): Compiled => compileNode(part, depth + 1)
  switch (node.kind) {
    case 'current':
    case 'identity':
      return { evaluate: (value, evaluation) => evaluation.latest(value), size: 1 }
    case 'field':
      return { evaluate: field(node.name), size: 1 }
    case 'literal':
      return { evaluate: constant(node.value), size: 1 }
    case 'index':
      return { evaluate: indexed(node.index), size: 1 }
    case 'slice':
      return { evaluate: slice(node.parts), size: 1 }
    case 'flatten':
      return sized(flatten, compile(node.left))
    case 'not':
      return sized(not, compile(node.operand))
    case 'chain':
      return sized(chain, compile(node.left), compile(node.right))
    case 'pipe':
      return sized(pipe, compile(node.left), compile(node.right))
    case 'or':
      return sized(or, compile(node.left), compile(node.right))
    case 'and':
      return sized(and, compile(node.left), compile(node.right))
    case 'comparator':
      return sized((left, right) => comparator(node.comparison, left, right), compile(node.left), compile(node.right))
    case 'list-projection':
      return sized(listProjection, compile(node.left), compile(node.right))
    case 'value-projection':
      return sized(valueProjection, compile(node.left), compile(node.right))
    case 'filter-projection':
      return sized(filterProjection, compile(node.left), compile(node.right), compile(node.condition))
    case 'multiselect-list':
      return sizedList(multiselectList, node.items.map(compile))
    case 'multiselect-hash':
      return sizedList(
        (values) =>
          multiselectHash(
            node.entries.map(([name]) => name),
            values,
          ),
        node.entries.map(([, value]) => compile(value)),
      )
    case 'call':
      return sizedList((args) => call(node.name, args), node.args.map(compile))
    case 'reference':
      return { evaluate: reference(node.expression, compile(node.expression)), size: 1 }
  }
}

function sized<Parts extends readonly Compiled[]>(build: (...parts: Parts) => Evaluate, ...parts: Parts): Compiled {
  return sizedList(() => build(...parts), parts)
}

function sizedList(build: (parts: readonly Compiled[]) => Evaluate, parts: readonly Compiled[]): Compiled {
  return { evaluate: build(parts), size: parts.reduce((size, part) => size + part.size, 1) }
}

/** Compiles a field. It is the only source of {@link NotFound}; a field of anything but an object is null. */
function field(name: string): Evaluate {
  const notFound = new NotFound(name)
  return (value, evaluation) => {
    if (!isObject(value)) return null
    return Object.hasOwn(value, name) ? evaluation.latest(value[name] ?? null) : notFound
  }
}

function constant(value: Value): Evaluate {
  return () => value
}

function slice(parts: SliceParts): Evaluate {
  return (value, evaluation) => {
    const elements = elementsOf(value)
    if (elements === undefined) return null
    const selected = sliceList(elements, parts)
    evaluation.meter.produce(selected.length)
    return selected
  }
}

function chain(left: Compiled, right: Compiled): Evaluate {
  return (value, evaluation) => {
    const result = left.evaluate(value, evaluation)
    return result instanceof NotFound ? result : right.evaluate(result, evaluation)
  }
}

/** Compiles a pipe. It never fails for a missing key: that side is null instead. */
function pipe(left: Compiled, right: Compiled): Evaluate {
  return (value, evaluation) => orNull(right.evaluate(orNull(left.evaluate(value, evaluation)), evaluation))
}

function or(left: Compiled, right: Compiled): Evaluate {
  return (value, evaluation) => {
    const result = orNull(left.evaluate(value, evaluation))
    return isTruthy(result) ? result : orNull(right.evaluate(value, evaluation))
  }
}

/** Compiles `&&`. Unlike the other operators it propagates a missing key of its right side. */
function and(left: Compiled, right: Compiled): Evaluate {
  return (value, evaluation) => {
    const result = orNull(left.evaluate(value, evaluation))
    return isTruthy(result) ? right.evaluate(value, evaluation) : result
  }
}

function not(operand: Compiled): Evaluate {
  return (value, evaluation) => !isTruthy(orNull(operand.evaluate(value, evaluation)))
}

function multiselectList(items: readonly Compiled[]): Evaluate {
  return (value, evaluation) => {
    if (value === null) return null
    evaluation.meter.produce(items.length)
    evaluation.built = true
    return items.map((item) => orNull(item.evaluate(value, evaluation)))
  }
}

function multiselectHash(names: readonly string[], values: readonly Compiled[]): Evaluate {
  return (value, evaluation) => {
    if (value === null) return null
    evaluation.meter.produce(names.length)
    evaluation.built = true
    const selected: { [name: string]: Value } = {}
    for (const [index, item] of values.entries())
      setKey(selected, names[index] ?? '', orNull(item.evaluate(value, evaluation)))
    return selected
  }
}

/** Arguments are evaluated before the function is looked up, so their errors come first. */
function call(name: string | undefined, args: readonly Compiled[]): Evaluate {
  const definition = name === undefined ? undefined : FUNCTIONS.get(name)
  return (value, evaluation) => {
    const values = args.map((arg) => orNull(arg.evaluate(value, evaluation)))
    if (name === undefined)
      throw evaluationError('type', 'function call: expected a function name before the parenthesis')
    if (definition === undefined) throw evaluationError('unknown-function', `unknown function: ${name}`)
    const result = definition.call(values, evaluation)
    if (typeof result === 'object') evaluation.built = true
    return result
  }
}

function reference(node: Node, { evaluate, size }: Compiled): Evaluate {
  const made = new ExpressionReference(evaluate, size, () => JSON.stringify(node))
  return (_value, evaluation) => {
    evaluation.madeOpaque = true
    return made
  }
}

/**
 * Selects the elements of `[start:stop:step]`. Negative positions count from the end, and a negative step goes
 * backwards.
 */
function sliceList(list: readonly Value[], [start, stop, step = 1]: SliceParts): readonly Value[] {
  if (step === 0) throw evaluationError('value', 'Invalid slice, step cannot be 0')
  const forward = step > 0
  const first = start === undefined ? (forward ? 0 : list.length - 1) : capped(start, list.length, forward)
  const end = stop === undefined ? (forward ? list.length : -1) : capped(stop, list.length, forward)
  const selected: Value[] = []
  for (let at = first; forward ? at < end : at > end; at += step) selected.push(list[at] ?? null)
  return selected
}

function capped(position: number, length: number, forward: boolean): number {
  if (position < 0) return Math.max(position + length, forward ? 0 : -1)
  return Math.min(position, forward ? length : length - 1)
}
