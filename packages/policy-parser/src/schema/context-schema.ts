import { any, flag, listOf, object, oneOfTexts, text, textList } from './schema.ts'
import type { Schema } from './schema.ts'

export const imageRegistryCredentials: Schema = object({
  allowInsecureRegistry: flag,
  providers: listOf(oneOfTexts('default', 'amazon', 'azure', 'google', 'github')),
  secrets: textList,
})

const apiCall: Schema = object({
  urlPath: text,
  method: { kind: 'text', values: ['GET', 'POST'], default: 'GET' },
  data: listOf(object({ 'key!': text, 'value!': any })),
  service: object({ 'url!': text, headers: listOf(object({ 'key!': text, 'value!': text })), caBundle: text }),
  jmesPath: text,
  default: any,
})

/** `context[]`: a name and exactly one source. */
export const context: Schema = listOf(
  object(
    {
      'name!': text,
      configMap: object({ 'name!': text, namespace: text }),
      apiCall,
      imageRegistry: object({ 'reference!': text, jmesPath: text, imageRegistryCredentials }),
      variable: object({ value: any, jmesPath: text, default: any }),
      globalReference: object({ 'name!': text, jmesPath: text }),
    },
    { oneOf: ['configMap', 'apiCall', 'imageRegistry', 'variable', 'globalReference'] },
  ),
)
