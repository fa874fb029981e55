import type { Json } from '@verify-images/primitives'

export type Comparison = 'tEQ' | 'tNE' | 'tLT' | 'tLTE' | 'tGT' | 'tGTE'

/** The start, stop and step of `[start:stop:step]`; `undefined` if omitted. */
export type SliceParts = readonly [number | undefined, number | undefined, number | undefined]

/** The syntax tree. Plain data: two expression references are equal if their trees are. */
export type Node =
  | { readonly kind: 'current' }
  | { readonly kind: 'identity' }
  | { readonly kind: 'field'; readonly name: string }
  | { readonly kind: 'literal'; readonly value: Json }
  | { readonly kind: 'index'; readonly index: number }
  | { readonly kind: 'slice'; readonly parts: SliceParts }
  /** `left.right` and `left[0]`: the right side is evaluated on the value of the left one. */
  | { readonly kind: 'chain'; readonly left: Node; readonly right: Node }
  | { readonly kind: 'pipe'; readonly left: Node; readonly right: Node }
  | { readonly kind: 'or'; readonly left: Node; readonly right: Node }
  | { readonly kind: 'and'; readonly left: Node; readonly right: Node }
  | { readonly kind: 'not'; readonly operand: Node }
  | { readonly kind: 'comparator'; readonly comparison: Comparison; readonly left: Node; readonly right: Node }
  | { readonly kind: 'list-projection'; readonly left: Node; readonly right: Node }
  | { readonly kind: 'value-projection'; readonly left: Node; readonly right: Node }
  | { readonly kind: 'filter-projection'; readonly left: Node; readonly right: Node; readonly condition: Node }
  | { readonly kind: 'flatten'; readonly left: Node }
  | { readonly kind: 'multiselect-list'; readonly items: readonly Node[] }
  | { readonly kind: 'multiselect-hash'; readonly entries: readonly (readonly [name: string, value: Node])[] }
  /** `name` is absent for a call without a name, such as `@(x)`, which fails when it is evaluated. */
  | { readonly kind: 'call'; readonly name?: string; readonly args: readonly Node[] }
  | { readonly kind: 'reference'; readonly expression: Node }
