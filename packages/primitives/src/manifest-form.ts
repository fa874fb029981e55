import { decodeGoBase64 } from './base64.ts'
import { isDigest } from './digest.ts'
import { isJsonArray, isJsonObject, type Json, type JsonObject } from './json.ts'
import { foldKey } from './strict-json.ts'

type Check = (value: Json) => boolean

/** The members of an object with the checks of their values. */
interface Form {
  readonly checks: ReadonlyMap<string, Check>
  /** The names of the members as Go folds them. */
  readonly folded: ReadonlySet<string>
}

const platform = formOf({
  architecture: isString,
  os: isString,
  'os.version': isString,
  'os.features': isStrings,
  variant: isString,
  features: isStrings,
})

const descriptor = formOf({
  mediaType: isString,
  digest: isDigest,
  size: Number.isSafeInteger,
  annotations: isStringMap,
  artifactType: isString,
  urls: isStrings,
  data: (value) => isString(value) && decodeGoBase64(value) !== undefined,
  platform: (value) => misshapenMember(value, platform) === undefined,
})

const isDescriptor: Check = (value) => misshapenMember(value, descriptor) === undefined

const manifest = formOf({
  schemaVersion: Number.isSafeInteger,
  mediaType: isString,
  artifactType: isString,
  config: isDescriptor,
  layers: (value) => isJsonArray(value) && value.every((layer) => layer === null || isDescriptor(layer)),
  subject: isDescriptor,
  annotations: isStringMap,
})

/**
 * Returns the name of a member of an image manifest that Go's struct does not have in this spelling, or not with such a
 * value; undefined if there is none.
 *
 * Go reads `Digest` as `digest`, so with both two readers would see two layers. A manifest that Go cannot read has no
 * signatures for Kyverno, also where the member is of no use.
 */
export function misshapenManifestMember(document: JsonObject): string | undefined {
  return misshapenMember(document, manifest)
}

function misshapenMember(value: Json, { checks, folded }: Form): string | undefined {
  if (!isJsonObject(value)) return ''
  for (const [name, member] of Object.entries(value)) {
    const check = checks.get(name)
    // Null leaves a field of Go as it is, but a digest reads it as a string.
    const isNull = member === null && check !== isDigest
    if (check === undefined ? folded.has(foldKey(name)) : !isNull && !check(member)) return name
  }
  return undefined
}

function formOf(checks: Readonly<Record<string, Check>>): Form {
  return { checks: new Map(Object.entries(checks)), folded: new Set(Object.keys(checks).map(foldKey)) }
}

/** Go replaces a lone surrogate by U+FFFD, which is another string. */
function isString(value: Json): value is string {
  return typeof value === 'string' && value.isWellFormed()
}

/** Null in an array or a map is an empty string to Go. */
function isStrings(value: Json): boolean {
  return isJsonArray(value) && value.every((text) => isString(text ?? ''))
}

function isStringMap(value: Json): boolean {
  return isJsonObject(value) && Object.values(value).every((text) => isString(text ?? ''))
}
