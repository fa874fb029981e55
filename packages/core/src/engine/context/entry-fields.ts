import type { ArtifactSource } from '@verify-images/attestor-evaluator'
import { ConditionError, search, substitute, type EngineOptions } from '@verify-images/condition-engine'
import type { RegistrySettings } from '@verify-images/image-matcher'
import type { ContextEntry, ImageRegistryCredentials } from '@verify-images/policy-parser'
import type { Json } from '@verify-images/primitives'
import { messageOf } from '../fault.ts'
import type { KubernetesReader } from '../../kubernetes.ts'
import type { Variables } from './lazy-context.ts'

/** What loading a context entry may touch. */
export interface EntryEnvironment {
  readonly kubernetes: KubernetesReader | undefined
  /** The registry, with the credentials that an entry names for itself. */
  readonly registry: (credentials: ImageRegistryCredentials | undefined) => Promise<ArtifactSource>
  /** Set for a namespaced policy: it may not read elsewhere. */
  readonly policyNamespace: string | undefined
  readonly engine: EngineOptions
  readonly references: RegistrySettings
  readonly operation: string
  readonly signal: AbortSignal
}

/** One loading of one entry. */
export interface EntryTask extends EntryEnvironment {
  readonly entry: ContextEntry
  readonly earlier: Variables
}

/**
 * An entry's field with its variables filled in. Text that comes out of a variable is not looked at again.
 *
 * @param place what an error says of the field: the entry and what is written there, unless it is given
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
    throw new Error(`failed to substitute variables in context ${place}: ${error.message}`, { cause: error })
  }
}

function textOf(field: Json): string {
  return typeof field === 'string' ? field : JSON.stringify(field)
}

/** The part of an entry's data that its `jmesPath` selects; all of it without one. */
export async function select(task: EntryTask, path: string | undefined, data: Json): Promise<Json> {
  if (path === undefined || path === '') return data
  const filled = await fillIn(task, path)
  if (typeof filled !== 'string') throw new Error(`jmespath value must be a string ${task.entry.name} ${path}`)
  try {
    return search(filled, data, task.engine)
  } catch (error) {
    throw new Error(`failed to apply JMESPath ${filled} for context entry ${task.entry.name}: ${messageOf(error)}`, {
      cause: error,
    })
  }
}
