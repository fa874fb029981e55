import { RegistryError } from './registry-error.ts'
import { isRecord, shown } from './upstream-text.ts'

/** What an option must be, in words and as a test. */
export type OptionKind = readonly [expected: string, fits: (value: unknown) => boolean]

/** The kind of each option there is: one that is forgotten here does not compile, one that is not here is refused. */
export type OptionTable<Options> = { readonly [Name in keyof Options]-?: OptionKind }

export const A_BOOLEAN: OptionKind = ['true or false', (value) => typeof value === 'boolean']
export const A_TEXT: OptionKind = ['a text', (value) => typeof value === 'string']
export const A_LIST_OF_TEXTS: OptionKind = ['a list of texts', (value) => Array.isArray(value) && Array.from(value, A_TEXT[1]).every(Boolean)]
export const A_FUNCTION: OptionKind = ['a function', isFunction]
export const AN_OBJECT: OptionKind = ['an object', isRecord]
export const AN_ABORT_SIGNAL: OptionKind = ['an AbortSignal', (value) => value instanceof AbortSignal]
export const A_PROVIDER: OptionKind = ['a credential provider, with `credentialFor`', (value) => isRecord(value) && isFunction(value['credentialFor'])]

/**
 * Holds options against the table of their names. A name that is not in it is refused: misspelt, it would leave its option
 * at the default without a word. Undefined is as good as left out, and what was written is not repeated: it may be a secret
 * in the wrong place.
 *
 * @param place such as `hosts.r.test`; empty for the options themselves
 * @throws RegistryError `REGISTRY_OPTIONS_INVALID`
 */
export function checkOptions<Options>(options: unknown, table: OptionTable<Options>, place: string = ''): void {
  if (!isRecord(options)) throw unfit(place === '' ? 'options' : place, AN_OBJECT[0], options)
  const kinds = new Map<string, OptionKind>(Object.entries<OptionKind>(table))
  const at = (name: string): string => (place === '' ? name : `${place}.${name}`)
  const unknown = Object.keys(options).find((name) => !kinds.has(name))
  if (unknown !== undefined) throw invalid(`\`${at(shown(unknown, 40))}\` is not an option, expected one of ${[...kinds.keys()].join(', ')}`)
  for (const [name, kind] of kinds) if (options[name] !== undefined) checkKind(options[name], kind, at(name))
}

/** @throws RegistryError `REGISTRY_OPTIONS_INVALID` */
export function checkKind(value: unknown, [expected, fits]: OptionKind, place: string): void {
  if (!fits(value)) throw unfit(place, expected, value)
}

export function invalid(message: string, cause?: unknown): RegistryError {
  return new RegistryError('REGISTRY_OPTIONS_INVALID', message, cause === undefined ? {} : { cause })
}

function unfit(place: string, expected: string, value: unknown): RegistryError {
  return invalid(`\`${place}\` must be ${expected}, found ${describe(value)}`)
}

function describe(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (typeof value === 'string') return 'a text'
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'an object'
  return typeof value === 'function' ? 'a function' : String(value)
}

function isFunction(value: unknown): boolean {
  return typeof value === 'function'
}
