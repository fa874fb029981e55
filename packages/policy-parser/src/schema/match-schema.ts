import { listOf, object, oneOfTexts, text, textList, textMap } from './schema.ts'
import type { Schema } from './schema.ts'

export const labelSelector: Schema = object({
  matchLabels: textMap,
  matchExpressions: listOf(object({ 'key!': text, 'operator!': text, values: textList })),
})

const resourceDescription: Schema = object(
  {
    kinds: textList,
    name: text,
    names: textList,
    namespaces: textList,
    annotations: textMap,
    selector: labelSelector,
    namespaceSelector: labelSelector,
    operations: listOf(oneOfTexts('CREATE', 'CONNECT', 'UPDATE', 'DELETE')),
  },
  { notBoth: ['name', 'names'] },
)

const block = {
  roles: textList,
  clusterRoles: textList,
  subjects: listOf(object({ 'kind!': text, apiGroup: text, 'name!': text, namespace: text })),
  resources: resourceDescription,
}

const lists = { any: listOf(object(block)), all: listOf(object(block)) }

/** `match` and `exclude` of kyverno.io/v1: blocks, or one block directly. */
export const matchResources: Schema = object({ ...lists, ...block }, { notBoth: ['any', 'all'] })

/** `match` and `exclude` of the newer versions, and of exceptions: blocks only. */
export const matchBlocks: Schema = object(lists, { notBoth: ['any', 'all'] })
