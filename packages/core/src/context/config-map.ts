import type { Json } from '@verify-images/policy-parser'
import { fillIn, type EntryTask } from './entry-fields.ts'
import { messageOf } from '../fault.ts'

/** `{ data, metadata }` of a ConfigMap; its strings stay strings. */
export async function configMap(task: EntryTask): Promise<Json> {
  const { entry: { name: entryName, configMap: source }, kubernetes, policyNamespace, signal } = task
  if (kubernetes === undefined) throw new Error('a ConfigmapResolver is required')
  try {
    const name = textOf(await fillIn(task, source?.name ?? '', 'configMap.name'))
    const namespace = textOf(await fillIn(task, source?.namespace ?? '', 'configMap.namespace')) || (policyNamespace ?? 'default')
    if (policyNamespace !== undefined && namespace !== policyNamespace) {
      throw new Error(`context entry ${entryName}: configMap namespace "${namespace}" is different from policy namespace "${policyNamespace}"`)
    }
    const found = await kubernetes.read('ConfigMap', namespace, name, signal).catch((error: unknown) => {
      throw new Error(`failed to get configmap ${namespace}/${name} : ${messageOf(error)}`, { cause: error })
    })
    if (found === undefined) throw new Error(`failed to get configmap ${namespace}/${name} : configmaps "${name}" not found`)
    return { data: found['data'] ?? null, metadata: found['metadata'] ?? null }
  } catch (error) {
    throw new Error(`failed to retrieve config map for context entry ${entryName}: ${messageOf(error)}`, { cause: error })
  }
}

function textOf(value: Json): string {
  if (typeof value !== 'string') throw new Error('name and namespace must be text')
  return value
}
