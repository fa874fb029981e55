import { arrayOf, object, enumOf, string, stringArray, stringMap } from './schema.ts'
import type { Schema } from './schema.ts'

export const labelSelector: Schema = object({
  matchLabels: stringMap,
  matchExpressions: arrayOf(object({ 'key!': string, 'operator!': string, values: stringArray })),
})

const resourceDescription: Schema = object(
  {
    kinds: stringArray,
    name: string,
    names: stringArray,
    namespaces: stringArray,
    annotations: stringMap,
    selector: labelSelector,
    namespaceSelector: labelSelector,
    operations: arrayOf(enumOf('CREATE', 'CONNECT', 'UPDATE', 'DELETE')),
  },
  { notBoth: ['name', 'names'] },
)

const block = {
  roles: stringArray,
  clusterRoles: stringArray,
  subjects: arrayOf(object({ 'kind!': string, apiGroup: string, 'name!': string, namespace: string })),
  resources: resourceDescription,
}

const lists = { any: arrayOf(object(block)), all: arrayOf(object(block)) }

/** `match` and `exclude` of kyverno.io/v1: blocks, or one block directly. */
export const matchResources: Schema = object({ ...lists, ...block }, { notBoth: ['any', 'all'] })

/** `match` and `exclude` of the newer versions, and of exceptions: blocks only. */
export const matchBlocks: Schema = object(lists, { notBoth: ['any', 'all'] })
