import type { Json } from '@verify-images/primitives'
import { fillIn, type EntryTask } from './entry-fields.ts'
import { messageOf } from '../fault.ts'

/** `{ data, metadata }` of a ConfigMap; its strings stay strings. */
export async function configMap(task: EntryTask): Promise<Json> {
  const {
    entry: { name: entryName, configMap: source },
    kubernetes,
    policyNamespace,
    signal,
  } = task
  if (kubernetes === undefined) throw new Error('a ConfigmapResolver is required')
  try {
    const name = await textIn(task, 'name', source?.name ?? '')
    const namespace = (await textIn(task, 'namespace', source?.namespace ?? '')) || (policyNamespace ?? 'default')
    if (policyNamespace !== undefined && namespace !== policyNamespace) {
      throw new Error(
        `context entry ${entryName}: configMap namespace "${namespace}" is different from policy namespace "${policyNamespace}"`,
      )
    }
    const found = await kubernetes.read('ConfigMap', namespace, name, signal).catch((error: unknown) => {
      throw new Error(`failed to get configmap ${namespace}/${name} : ${messageOf(error)}`, { cause: error })
    })
    if (found === undefined)
      throw new Error(`failed to get configmap ${namespace}/${name} : configmaps "${name}" not found`)
    return { data: found['data'] ?? null, metadata: found['metadata'] ?? null }
  } catch (error) {
    throw new Error(`failed to retrieve config map for context entry ${entryName}: ${messageOf(error)}`, {
      cause: error,
    })
  }
}

async function textIn(task: EntryTask, field: 'name' | 'namespace', written: string): Promise<string> {
  const place = `${task.entry.name} configMap.${field} ${written}`
  const value = await fillIn(task, written, place)
  if (typeof value !== 'string') throw new Error(`failed to substitute variables in context ${place}: expected string`)
  return value
}
