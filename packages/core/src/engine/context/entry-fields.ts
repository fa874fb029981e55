import { messageOf } from '@verify-images/primitives'
import type { ArtifactSource } from '@verify-images/attestor-evaluator'
import { ConditionError, search, substitute, type EngineOptions } from '@verify-images/condition-engine'
import type { RegistrySettings } from '@verify-images/image-matcher'
import type { ContextEntry, ImageRegistryCredentials } from '@verify-images/policy-parser'
import type { Json } from '@verify-images/primitives'
import { EntryError } from './entry-error.ts'
import type { CheckedReader } from '../../kubernetes.ts'
import type { Kyverno } from '../ports.ts'
import type { Variables } from './lazy-context.ts'

/** What loading a context entry may touch. */
export interface EntryEnvironment {
  readonly kubernetes: CheckedReader | undefined
  /** The registry, with the credentials that an entry names for itself. */
  readonly registry: (credentials: ImageRegistryCredentials | undefined) => Promise<ArtifactSource>
  /** Set for a namespaced policy: it may not read elsewhere. */
  readonly policyNamespace: string | undefined
  readonly engine: EngineOptions
  readonly references: RegistrySettings
  readonly operation: string
  readonly signal: AbortSignal
  /** The text for an entry that could not be loaded. */
  readonly contextText: Kyverno['contextText']
}

/** The loading of one entry. */
export interface EntryTask extends EntryEnvironment {
  readonly entry: ContextEntry
  readonly earlier: Variables
}

/**
 * Returns a field of an entry with its variables substituted. Text that comes from a variable is not searched again.
 *
 * @param place how an error names the field; by default the entry and what is written there
 */
export async function fillIn(
  { entry, earlier, operation }: EntryTask,
  field: Json,
  place: string = `entry ${entry.name} ${textOf(field)}`,
): Promise<Json> {
  try {
    return await earlier.evaluate((context) => substitute(field, context, { operation }))
  } catch (error) {
    if (!(error instanceof ConditionError)) throw error
    throw new EntryError(entry.name, { kind: 'variables', field: place, cause: error.message }, error)
  }
}

function textOf(field: Json): string {
  return typeof field === 'string' ? field : JSON.stringify(field)
}

/** Returns the part of an entry's data that its `jmesPath` selects; all of it without one. */
export async function select(task: EntryTask, path: string | undefined, data: Json): Promise<Json> {
  if (path === undefined || path === '') return data
  const filled = await fillIn(task, path)
  if (typeof filled !== 'string') throw new EntryError(task.entry.name, { kind: 'path-not-string', path })
  try {
    return search(filled, data, task.engine)
  } catch (error) {
    throw new EntryError(task.entry.name, { kind: 'path-failed', path: filled, cause: messageOf(error) }, error)
  }
}
