import type { ContextEntry } from '@verify-images/policy-parser'
import type { Json } from '@verify-images/primitives'
import { apiCall } from './api-call.ts'
import { configMap } from './config-map.ts'
import type { EntryEnvironment, EntryTask } from './entry-fields.ts'
import { messageOf } from '../fault.ts'
import { globalReference } from './global-reference.ts'
import { imageData } from './image-data.ts'
import type { EntryLoader } from './lazy-context.ts'
import { variable } from './variable.ts'

type Source = Exclude<keyof ContextEntry, 'name'>

const SOURCES: Readonly<Record<Source, (task: EntryTask) => Promise<Json>>> = {
  variable,
  configMap,
  apiCall,
  imageRegistry: imageData,
  globalReference,
}

/** Loads the context entries of one rule. A failure is a value: it fails the expressions that mention the entry, no others. */
export function entryLoader(environment: EntryEnvironment): EntryLoader {
  return async (entry, earlier) => {
    const source = (Object.keys(SOURCES) as Source[]).find((name) => entry[name] !== undefined)
    if (source === undefined)
      return { failure: `missing ConfigMap|APICall|ImageRegistry|Variable in context entry ${entry.name}` }
    try {
      return { value: await SOURCES[source]({ ...environment, entry, earlier }) }
    } catch (error) {
      return { failure: messageOf(error), cause: error }
    }
  }
}
