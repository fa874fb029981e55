import { foldKey, isJsonObject, type JsonObject, parseStrictJson } from '@verify-images/primitives'
import { RegistryError } from './registry-error.ts'
import { shown } from './shown.ts'

type ManifestKind = 'image' | 'index' | 'artifact'

export const OCI_INDEX = 'application/vnd.oci.image.index.v1+json'
const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json'
const OCI_ARTIFACT = 'application/vnd.oci.artifact.manifest.v1+json'

/** What is asked for, and all that is taken. Docker schema 1 is not: its digest is not that of its bytes. */
const KINDS: ReadonlyMap<string, ManifestKind> = new Map([
  [OCI_MANIFEST, 'image'],
  ['application/vnd.docker.distribution.manifest.v2+json', 'image'],
  [OCI_INDEX, 'index'],
  ['application/vnd.docker.distribution.manifest.list.v2+json', 'index'],
  [OCI_ARTIFACT, 'artifact'],
])

export const MANIFEST_ACCEPT: string = [...KINDS.keys()].join(', ')

/** Content types that say nothing; then the document's own word, or else its members, decide. */
const UNTYPED: ReadonlySet<string> = new Set(['', 'application/json', 'application/octet-stream', 'text/plain'])

/** The members that make a document one kind or the other for some reader. */
const MEMBERS: ReadonlyMap<string, ManifestKind> = new Map([
  ['manifests', 'index'],
  ['layers', 'image'],
  ['config', 'image'],
  ['fslayers', 'image'],
  ['blobs', 'artifact'],
])
/** Go reads `MediaType` as `mediaType`; we, and much else, do not. */
const EXACT_NAMES: ReadonlyMap<string, string> = new Map(
  [
    'schemaVersion',
    'mediaType',
    'artifactType',
    'config',
    'layers',
    'manifests',
    'blobs',
    'subject',
    'annotations',
  ].map((name) => [foldKey(name), name]),
)
const DEFAULT_TYPES: Readonly<Record<ManifestKind, string>> = {
  image: OCI_MANIFEST,
  index: OCI_INDEX,
  artifact: OCI_ARTIFACT,
}

/**
 * The media type of a manifest's bytes, when every reader would agree on it.
 *
 * One document that is an image to one tool and an index to another lets a signer and a runtime see different content
 * under one digest. So the header, the document's `mediaType` and its members must all say the same.
 *
 * @throws RegistryError `REGISTRY_MANIFEST_AMBIGUOUS`, `REGISTRY_MANIFEST_INVALID`, or `REGISTRY_RESPONSE_INVALID` when
 * the answer is no manifest at all
 */
export function manifestMediaType(bytes: Uint8Array, contentType: string | undefined): string {
  const served = (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''
  if (!KINDS.has(served) && !UNTYPED.has(served)) {
    throw new RegistryError(
      'REGISTRY_RESPONSE_INVALID',
      `the registry answered with \`${shown(served, 80)}\`, which is not a manifest type`,
    )
  }
  const document = readDocument(bytes)
  const odd = Object.keys(document).find((key) => (EXACT_NAMES.get(foldKey(key)) ?? key) !== key)
  if (odd !== undefined) throw ambiguous(`the member \`${shown(odd, 40)}\` is a known one in other letters`)
  const stated = document['mediaType']
  if (stated !== undefined && typeof stated !== 'string') throw invalid('`mediaType` is not text')
  if (KINDS.has(served) && stated !== undefined && stated !== served)
    throw ambiguous(`served as \`${served}\` but says \`${shown(stated, 80)}\``)
  const kinds = new Set(
    Object.keys(document)
      .map((key) => MEMBERS.get(foldKey(key)))
      .filter((kind) => kind !== undefined),
  )
  const [shape] = kinds
  if (kinds.size > 1) throw ambiguous('the document is an image and an index at once')
  const mediaType = KINDS.has(served) ? served : (stated ?? (shape === undefined ? '' : DEFAULT_TYPES[shape]))
  const kind = KINDS.get(mediaType)
  if (kind === undefined) throw invalid(`\`${shown(mediaType, 80)}\` is not a manifest type`)
  if (shape !== undefined && shape !== kind) throw ambiguous(`\`${mediaType}\` with the members of an ${shape}`)
  return mediaType
}

/** Whether a media type is that of an index. */
export function isIndexType(mediaType: string): boolean {
  return KINDS.get(mediaType) === 'index'
}

function readDocument(bytes: Uint8Array): JsonObject {
  let value
  try {
    value = parseStrictJson(bytes)
  } catch (error) {
    throw invalid(error instanceof SyntaxError ? error.message : 'not readable')
  }
  if (!isJsonObject(value)) throw invalid('not a JSON object')
  return value
}

function invalid(reason: string): RegistryError {
  return new RegistryError('REGISTRY_MANIFEST_INVALID', `the manifest is invalid: ${reason}`)
}

function ambiguous(reason: string): RegistryError {
  return new RegistryError('REGISTRY_MANIFEST_AMBIGUOUS', `the manifest can be read two ways: ${reason}`)
}
