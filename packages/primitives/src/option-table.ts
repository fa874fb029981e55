/** What an option must be, as a noun phrase and as a predicate. */
export interface OptionKind {
  readonly expected: string
  readonly fits: (value: unknown) => boolean
  /**
   * One of a few fixed strings. Only then does an error repeat the string it got; any other could be a misplaced
   * secret.
   */
  readonly isChoice?: boolean
  /** For arrays and records: the kind of each item, so that an error can name the item. */
  readonly each?: OptionKind
}

/** The kind of every option. An option missing here does not compile; an option not listed here is rejected. */
export type OptionTable<Options> = { readonly [Name in keyof Options]-?: OptionKind }

/** What is wrong with an option. Printed as `<path>: <problem>`. */
export interface OptionFault {
  readonly path: string
  readonly problem: string
}

export interface OptionPlace<Options> {
  /** The path of the options object inside other options. */
  readonly path?: string
  readonly required?: readonly (keyof Options)[]
}

/**
 * Returns the first fault of an options object, or undefined.
 *
 * Unknown names are rejected: a misspelt option would silently keep its default. An option that is undefined counts as
 * omitted.
 */
export function findOptionFault<Options>(
  options: unknown,
  table: OptionTable<Options>,
  { path = '', required = [] }: OptionPlace<Options> = {},
): OptionFault | undefined {
  if (!isObject(options)) return { path: path || 'options', problem: `expected an object, got ${describe(options)}` }
  const at = (name: string): string => (path === '' ? name : `${path}.${name}`)
  const kinds: Readonly<Record<string, OptionKind>> = table
  for (const [name, value] of Object.entries(options)) {
    const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined
    if (kind === undefined)
      return { path: at(shorten(name)), problem: unknownOption(shorten(name), Object.keys(kinds)) }
    const fault = value === undefined ? undefined : findValueFault(value, kind, at(name))
    if (fault !== undefined) return fault
  }
  const missing = required.find((name) => options[String(name)] === undefined)
  return missing === undefined ? undefined : findValueFault(undefined, table[missing], at(String(missing)))
}

/** Returns what is wrong with a single value, or undefined. */
export function findValueFault(
  value: unknown,
  { expected, fits, isChoice = false, each }: OptionKind,
  path: string,
): OptionFault | undefined {
  if (fits(value)) return undefined
  return findItemFault(value, each, path) ?? { path, problem: `expected ${expected}, got ${describe(value, isChoice)}` }
}

function findItemFault(value: unknown, kind: OptionKind | undefined, path: string): OptionFault | undefined {
  if (kind === undefined || typeof value !== 'object' || value === null) return undefined
  // Array.from() visits the holes of a sparse array; map() skips them.
  const items = Array.isArray(value)
    ? Array.from(value, (item: unknown, i) => [`[${String(i)}]`, item] as const)
    : Object.entries(value).map(([name, item]) => [`.${shorten(name)}`, item] as const)
  for (const [at, item] of items) {
    const fault = findValueFault(item, kind, `${path}${at}`)
    if (fault !== undefined) return fault
  }
  return undefined
}

function unknownOption(name: string, known: readonly string[]): string {
  const [nearest] = known
    .map((candidate) => ({ candidate, edits: editDistance(name.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ candidate, edits }) => edits <= MAX_EDITS && edits < candidate.length / 2)
    .sort((a, b) => a.edits - b.edits)
  return nearest === undefined
    ? `unknown option, expected one of ${known.join(', ')}`
    : `unknown option, did you mean \`${nearest.candidate}\`?`
}

/** Typing errors that still suggest a name; with more, the suggestion is usually wrong. */
const MAX_EDITS = 2

/** Returns the Levenshtein distance. */
function editDistance(from: string, to: string): number {
  let previous = Array.from({ length: to.length + 1 }, (_, i) => i)
  for (const [i, letter] of Array.from(from).entries()) {
    const row = [i + 1]
    for (let j = 1; j <= to.length; j++)
      row.push(
        Math.min(
          (previous[j] ?? 0) + 1,
          (row[j - 1] ?? 0) + 1,
          (previous[j - 1] ?? 0) + (letter === to[j - 1] ? 0 : 1),
        ),
      )
    previous = row
  }
  return previous[to.length] ?? 0
}

function describe(value: unknown, isChoice = false): string {
  if (typeof value === 'string') return isChoice ? `\`${shorten(value)}\`` : 'a string'
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'an invalid Date' : 'a Date'
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'an array' : 'an object'
  return typeof value === 'function' ? 'a function' : String(value)
}

function shorten(text: string): string {
  return text.replace(/[^\x20-\x7e]+/g, ' ').slice(0, 40)
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Throws for the first fault of an options object. */
export type CheckOptions = <Options>(
  options: unknown,
  table: OptionTable<Options>,
  place?: OptionPlace<Options>,
) => asserts options is Options

/** Throws if a single value is not of a kind. */
export type CheckValue = (value: unknown, kind: OptionKind, path: string) => void

/** Creates the error of a package. The message names the path and the problem. */
type CreateError = (message: string, fault: OptionFault) => Error

/** Returns a function that checks options and throws the error that a package throws for invalid ones. */
export function optionChecker(createError: CreateError): CheckOptions {
  return (options, table, place) => {
    throwFault(findOptionFault(options, table, place), createError)
  }
}

/** Returns a function that checks a single value, as {@link optionChecker} checks options. */
export function valueChecker(createError: CreateError): CheckValue {
  return (value, kind, path) => {
    throwFault(findValueFault(value, kind, path), createError)
  }
}

function throwFault(fault: OptionFault | undefined, createError: CreateError): void {
  if (fault !== undefined) throw createError(`\`${fault.path}\`: ${fault.problem}`, fault)
}
