import { messageOf } from '@verify-images/primitives'
import type { Json } from '@verify-images/primitives'
import { EntryError } from './entry-error.ts'
import { fillIn, select, type EntryTask } from './entry-fields.ts'

/** Reads a ConfigMap as `{ data, metadata }`; its strings stay strings. */
export async function configMap(task: EntryTask): Promise<Json> {
  const {
    entry: { name: entryName, configMap: source },
    kubernetes,
    policyNamespace,
    signal,
  } = task
  if (kubernetes === undefined) throw new EntryError(entryName, { kind: 'no-reader', of: 'ConfigMaps' })
  try {
    const name = await textIn(task, 'name', source?.name ?? '')
    const namespace = (await textIn(task, 'namespace', source?.namespace ?? '')) || (policyNamespace ?? 'default')
    if (policyNamespace !== undefined && namespace !== policyNamespace) {
      throw new EntryError(entryName, { kind: 'config-map-foreign', namespace, policyNamespace })
    }
    const found = await kubernetes.read('ConfigMap', namespace, name, signal).catch((error: unknown) => {
      throw new EntryError(
        entryName,
        { kind: 'config-map-unreadable', namespace, name, cause: messageOf(error) },
        error,
      )
    })
    if (found === undefined) throw new EntryError(entryName, { kind: 'config-map-missing', namespace, name })
    return { data: found['data'] ?? null, metadata: found['metadata'] ?? null }
  } catch (error) {
    throw new EntryError(
      entryName,
      { kind: 'config-map', cause: error instanceof EntryError ? error.fault : messageOf(error) },
      error,
    )
  }
}

async function textIn(task: EntryTask, field: 'name' | 'namespace', written: string): Promise<string> {
  const place = `${task.entry.name} configMap.${field} ${written}`
  const value = await fillIn(task, written, place)
  if (typeof value !== 'string') throw new EntryError(task.entry.name, { kind: 'field-not-string', field: place })
  return value
}

/** Reads a GlobalContextEntry. */
export async function globalReference(task: EntryTask): Promise<Json> {
  const {
    entry: { name, globalReference: source },
    kubernetes,
    signal,
  } = task
  if (kubernetes?.globalEntry === undefined)
    throw new EntryError(name, { kind: 'no-reader', of: 'global context entries' })
  const reference = await fillIn(task, source?.name ?? '')
  if (typeof reference !== 'string')
    throw new EntryError(name, { kind: 'call-invalid', problem: '`globalReference.name`: expected a string' })
  const data = await kubernetes.globalEntry(reference, signal)
  if (data === undefined)
    throw new EntryError(name, { kind: 'global-entry-missing', key: reference.split('.', 1).join() })
  return select(task, source?.jmesPath, data)
}
