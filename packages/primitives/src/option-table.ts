/** What an option must be, in words and as a test. */
export interface OptionKind {
  readonly expected: string
  readonly fits: (value: unknown) => boolean
  /** A choice of words, of which the message repeats what was written. Anything else could be a secret in the wrong place. */
  readonly isChoice?: boolean
  /** Of a list or an object of many: what each item must be, so that a fault can say which is not. */
  readonly each?: OptionKind
}

/** The kind of each option there is: one that is forgotten here does not compile, one that is not here is refused. */
export type OptionTable<Options> = { readonly [Name in keyof Options]-?: OptionKind }

/** What is wrong with an option, as the end of a sentence that begins with its path. */
export interface OptionFault {
  readonly path: string
  readonly problem: string
}

export interface OptionPlace<Options> {
  /** Where the options stand in others. */
  readonly path?: string
  readonly required?: readonly (keyof Options)[]
}

/**
 * What is wrong with options, if anything is.
 *
 * A name that is not in the table is refused: misspelt, it would leave its option at the default without a word. Undefined
 * is as good as left out.
 */
export function findOptionFault<Options>(
  options: unknown,
  table: OptionTable<Options>,
  { path = '', required = [] }: OptionPlace<Options> = {},
): OptionFault | undefined {
  if (!isObject(options)) return { path: path || 'options', problem: `must be an object, found ${describe(options)}` }
  const at = (name: string): string => (path === '' ? name : `${path}.${name}`)
  const kinds: Readonly<Record<string, OptionKind>> = table
  for (const [name, value] of Object.entries(options)) {
    const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined
    if (kind === undefined)
      return { path: at(shorten(name)), problem: `is not an option, expected one of ${Object.keys(kinds).join(', ')}` }
    const fault = value === undefined ? undefined : findValueFault(value, kind, at(name))
    if (fault !== undefined) return fault
  }
  const missing = required.find((name) => options[String(name)] === undefined)
  return missing === undefined ? undefined : findValueFault(undefined, table[missing], at(String(missing)))
}

/** What is wrong with one value, if anything is. */
export function findValueFault(
  value: unknown,
  { expected, fits, isChoice = false, each }: OptionKind,
  path: string,
): OptionFault | undefined {
  if (fits(value)) return undefined
  return (
    findItemFault(value, each, path) ?? { path, problem: `must be ${expected}, found ${describe(value, isChoice)}` }
  )
}

function findItemFault(value: unknown, kind: OptionKind | undefined, path: string): OptionFault | undefined {
  if (kind === undefined || typeof value !== 'object' || value === null) return undefined
  // Unlike map(), from() also meets the items that are not there.
  const items = Array.isArray(value)
    ? Array.from(value, (item: unknown, i) => [`[${String(i)}]`, item] as const)
    : Object.entries(value).map(([name, item]) => [`.${shorten(name)}`, item] as const)
  for (const [at, item] of items) {
    const fault = findValueFault(item, kind, `${path}${at}`)
    if (fault !== undefined) return fault
  }
  return undefined
}

function describe(value: unknown, isChoice = false): string {
  if (value === undefined) return 'nothing'
  if (typeof value === 'string') return isChoice ? `\`${shorten(value)}\`` : 'a text'
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'an object'
  return typeof value === 'function' ? 'a function' : String(value)
}

function shorten(text: string): string {
  return text.replace(/[^\x20-\x7e]+/g, ' ').slice(0, 40)
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
