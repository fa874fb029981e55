import { ConditionError, search } from '@verify-images/condition-engine'
import type { ContextEntry } from '@verify-images/policy-parser'
import { messageOf, type Json } from '@verify-images/primitives'
import { apiCall } from './api-call.ts'
import { configMap, globalReference } from './cluster-entries.ts'
import { EntryError } from './entry-error.ts'
import { fillIn, type EntryEnvironment, type EntryTask } from './entry-fields.ts'
import { imageData } from './image-data.ts'
import type { EntryLoader } from './lazy-context.ts'

type Source = Exclude<keyof ContextEntry, 'name'>

const SOURCES: Readonly<Record<Source, (task: EntryTask) => Promise<Json>>> = {
  variable,
  configMap,
  apiCall,
  imageRegistry: imageData,
  globalReference,
}

/** An entry has one of them. */
const SOURCE_NAMES: readonly Source[] = ['variable', 'configMap', 'apiCall', 'imageRegistry', 'globalReference']

/**
 * Creates the loader of a rule's context entries. A failure is a value: it fails the expressions that mention the
 * entry, no others.
 */
export function entryLoader(environment: EntryEnvironment): EntryLoader {
  return async (entry, earlier) => {
    const source = SOURCE_NAMES.find((name) => entry[name] !== undefined)
    try {
      if (source === undefined) throw new EntryError(entry.name, { kind: 'no-source' })
      return { value: await SOURCES[source]({ ...environment, entry, earlier }) }
    } catch (error) {
      const failure = error instanceof EntryError ? environment.contextText(entry.name, error.fault) : messageOf(error)
      return { failure, cause: error }
    }
  }
}

/**
 * Evaluates a variable: a value, or an expression over it or over the context, with a default for when the expression
 * fails.
 *
 * A path that selects null from a given value is a result. A path into the context that selects null is not, and the
 * default is used.
 */
async function variable(task: EntryTask): Promise<Json> {
  const {
    entry: { name, variable: source = {} },
  } = task
  const path = source.jmesPath ? await fillIn(task, source.jmesPath) : ''
  if (typeof path !== 'string') throw new EntryError(name, { kind: 'path-not-string', path: source.jmesPath ?? '' })
  const fallback = source.default === undefined ? null : await fillIn(task, source.default)
  const value = source.value === undefined ? undefined : await fillIn(task, source.value)
  const result = path === '' ? (value ?? fallback) : await selected(task, path, value, fallback)
  if (result === null) throw new EntryError(name, { kind: 'variable-null' })
  return result
}

async function selected(
  { entry, earlier, engine }: EntryTask,
  path: string,
  value: Json | undefined,
  fallback: Json,
): Promise<Json> {
  try {
    if (value !== undefined) return search(path, value, engine)
    return (await earlier.evaluate((context) => context.query(path))) ?? fallback
  } catch (error) {
    if (!(error instanceof ConditionError)) throw error
    if (fallback !== null) return fallback
    throw new EntryError(entry.name, { kind: 'variable-path-failed', path, cause: messageOf(error) }, error)
  }
}
