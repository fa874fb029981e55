/**
 * The subset of OpenAPI schemas that Kyverno's CRDs use.
 *
 * `default` is filled in by the API server. `zero` is what Go writes for an absent value in a field that it always
 * writes; it is filled in when a rule is decoded again after substitution.
 */
export type Schema =
  | { readonly kind: 'any' }
  | {
      readonly kind: 'string'
      readonly values?: readonly string[]
      readonly maxLength?: number
      readonly default?: string
    }
  | { readonly kind: 'boolean'; readonly default?: boolean; readonly zero?: boolean }
  | { readonly kind: 'integer'; readonly minimum?: number; readonly bits?: 32 | 64 }
  | { readonly kind: 'array'; readonly items: Schema }
  | { readonly kind: 'map'; readonly values: Schema }
  | ObjectSchema
  /**
   * `preconditions` and `deny.conditions`: an array of conditions or an any/all object, checked by Go and not by the
   * CRD.
   */
  | { readonly kind: 'conditions' }

export interface ObjectSchema {
  readonly kind: 'object'
  readonly fields: Readonly<Record<string, Schema>>
  readonly required: readonly string[]
  /** These two exclude each other. */
  readonly notBoth?: readonly [string, string]
  /** Exactly one of these is required. */
  readonly oneOf?: readonly string[]
}

export const any: Schema = { kind: 'any' }
export const string: Schema = { kind: 'string' }
export const boolean: Schema = { kind: 'boolean' }
export const integer: Schema = { kind: 'integer', bits: 64 }
export const integer32: Schema = { kind: 'integer', bits: 32 }
export const stringMap: Schema = { kind: 'map', values: string }
export const stringArray: Schema = { kind: 'array', items: string }
export const conditions: Schema = { kind: 'conditions' }

export function booleanWithDefault(value: boolean): Schema {
  return { kind: 'boolean', default: value }
}

export function enumOf(...values: readonly string[]): Schema {
  return { kind: 'string', values }
}

export function arrayOf(items: Schema): Schema {
  return { kind: 'array', items }
}

/** Returns the schema of an object; a name that ends with `!` is required. */
export function object(
  fields: Readonly<Record<string, Schema>>,
  rules: Pick<ObjectSchema, 'notBoth' | 'oneOf'> = {},
): ObjectSchema {
  const names = Object.keys(fields)
  return {
    kind: 'object',
    fields: Object.fromEntries(Object.entries(fields).map(([name, schema]) => [name.replace(/!$/, ''), schema])),
    required: names.filter((name) => name.endsWith('!')).map((name) => name.slice(0, -1)),
    ...rules,
  }
}
