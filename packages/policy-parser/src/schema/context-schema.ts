import { any, boolean, arrayOf, object, enumOf, string, stringArray } from './schema.ts'
import type { Schema } from './schema.ts'

export const imageRegistryCredentials: Schema = object({
  allowInsecureRegistry: boolean,
  providers: arrayOf(enumOf('default', 'amazon', 'azure', 'google', 'github')),
  secrets: stringArray,
})

const apiCall: Schema = object({
  urlPath: string,
  method: { kind: 'string', values: ['GET', 'POST'], default: 'GET' },
  data: arrayOf(object({ 'key!': string, 'value!': any })),
  service: object({ 'url!': string, headers: arrayOf(object({ 'key!': string, 'value!': string })), caBundle: string }),
  jmesPath: string,
  default: any,
})

/** `context[]`: a name and exactly one source. */
export const context: Schema = arrayOf(
  object(
    {
      'name!': string,
      configMap: object({ 'name!': string, namespace: string }),
      apiCall,
      imageRegistry: object({ 'reference!': string, jmesPath: string, imageRegistryCredentials }),
      variable: object({ value: any, jmesPath: string, default: any }),
      globalReference: object({ 'name!': string, jmesPath: string }),
    },
    { oneOf: ['configMap', 'apiCall', 'imageRegistry', 'variable', 'globalReference'] },
  ),
)
