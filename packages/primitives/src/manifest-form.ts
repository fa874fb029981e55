import { decodeGoBase64 } from './base64.ts'
import { isDigest } from './digest.ts'
import { isJsonArray } from './json.ts'
import { isJsonText, isJsonTextMap, isJsonTexts, jsonForm, ofForm, type JsonForm } from './json-form.ts'

const platform = jsonForm({
  architecture: isJsonText,
  os: isJsonText,
  'os.version': isJsonText,
  'os.features': isJsonTexts,
  variant: isJsonText,
  features: isJsonTexts,
})

const descriptor = jsonForm(
  {
    mediaType: isJsonText,
    size: Number.isSafeInteger,
    annotations: isJsonTextMap,
    artifactType: isJsonText,
    urls: isJsonTexts,
    data: (value) => isJsonText(value) && decodeGoBase64(value) !== undefined,
    platform: ofForm(platform),
  },
  { digest: isDigest },
)

const isDescriptor = ofForm(descriptor)

/** An image manifest as go-containerregistry reads it. */
export const manifestForm: JsonForm = jsonForm({
  schemaVersion: Number.isSafeInteger,
  mediaType: isJsonText,
  artifactType: isJsonText,
  config: isDescriptor,
  layers: (value) => isJsonArray(value) && value.every((layer) => layer === null || isDescriptor(layer)),
  subject: isDescriptor,
  annotations: isJsonTextMap,
})
