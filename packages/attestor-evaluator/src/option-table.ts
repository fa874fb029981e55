/** What an option must be, in words and as a test. */
export interface OptionKind {
  readonly expected: string
  readonly fits: (value: unknown) => boolean
  /** A choice of words, of which the message repeats what was written. Anything else could be a secret in the wrong place. */
  readonly isChoice?: boolean
}

/** The kind of each option there is: one that is forgotten here does not compile, one that is not here is refused. */
export type OptionTable<Options> = { readonly [Name in keyof Options]-?: OptionKind }

export interface OptionFault {
  readonly path: string
  readonly problem: string
}

/**
 * What is wrong with options, if anything is.
 *
 * A name that is not in the table is refused: misspelt, it would leave its option at the default without a word. Undefined
 * is as good as left out.
 *
 * @param path where the options stand in others
 */
export function findOptionFault<Options>(options: unknown, table: OptionTable<Options>, { path = '', required = [] }: { readonly path?: string; readonly required?: readonly (keyof Options)[] } = {}): OptionFault | undefined {
  if (!isObject(options)) return { path: path || 'options', problem: `must be an object, found ${describe(options)}` }
  const at = (name: string): string => (path === '' ? name : `${path}.${name}`)
  const kinds = new Map<string, OptionKind>(Object.entries<OptionKind>(table))
  const unknown = Object.keys(options).find((name) => !kinds.has(name))
  if (unknown !== undefined) return { path: at(shorten(unknown)), problem: `is not an option, expected one of ${[...kinds.keys()].join(', ')}` }
  for (const [name, { expected, fits, isChoice }] of kinds) {
    const value = options[name]
    if (value === undefined ? !required.some((each) => each === name) : fits(value)) continue
    return { path: at(name), problem: `must be ${expected}, found ${describe(value, isChoice)}` }
  }
  return undefined
}

/** Looked at where it is read. */
export const anything: OptionKind = { expected: 'anything', fits: () => true }
export const aBoolean: OptionKind = { expected: 'true or false', fits: (value) => typeof value === 'boolean' }
export const aText: OptionKind = { expected: 'a text', fits: (value) => typeof value === 'string' }
export const aFunction: OptionKind = { expected: 'a function', fits: isFunction }
/** Nothing is before or after a time that is none, so it would make every certificate valid. */
export const aTime: OptionKind = { expected: 'a time', fits: (value) => value instanceof Date && !Number.isNaN(value.getTime()) }
export const anAbortSignal: OptionKind = { expected: 'an AbortSignal', fits: (value) => value instanceof AbortSignal }
export const aPositiveNumber: OptionKind = { expected: 'a whole number of at least 1', fits: (value) => Number.isSafeInteger(value) && Number(value) >= 1 }

export function oneOf(...choices: readonly string[]): OptionKind {
  return { expected: choices.map((choice) => `\`${choice}\``).join(' or '), fits: (value) => choices.some((choice) => choice === value), isChoice: true }
}

/** @param what in words, such as `a registry client` */
export function withMethods(what: string, ...methods: readonly string[]): OptionKind {
  return { expected: `${what}, with ${methods.map((name) => `\`${name}\``).join(' and ')}`, fits: (value) => isObject(value) && methods.every((name) => isFunction(value[name])) }
}

export function listOf({ expected, fits }: OptionKind): OptionKind {
  return { expected: `a list, each of its items ${expected}`, fits: (value) => Array.isArray(value) && Array.from(value, fits).every(Boolean) }
}

export function recordOf({ expected, fits }: OptionKind): OptionKind {
  return { expected: `an object, each of its members ${expected}`, fits: (value) => isObject(value) && Object.values(value).every(fits) }
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

function isFunction(value: unknown): boolean {
  return typeof value === 'function'
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
