import type { Json } from '@verify-images/primitives'
import { fillIn, select, type EntryTask } from './entry-fields.ts'

/** The data of a GlobalContextEntry, through the embedder's reader. */
export async function globalReference(task: EntryTask): Promise<Json> {
  const {
    entry: { name, globalReference: source },
    kubernetes,
    signal,
  } = task
  if (kubernetes?.globalEntry === undefined)
    throw new Error(`context entry ${name}: global context entries are not provided`)
  const reference = await fillIn(task, source?.name ?? '')
  if (typeof reference !== 'string')
    throw new Error(`context entry ${name}: the name of a global context entry must be text`)
  const data = await kubernetes.globalEntry(reference, signal)
  if (data === undefined)
    throw new Error(
      `failed to marshal APICall data for context entry ${name}: failed to fetch entry key=${reference.split('.', 1).join()}`,
    )
  return select(task, source?.jmesPath, data)
}
