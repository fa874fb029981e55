import { foldKey, isJsonObject, type JsonObject, manifestJson, printableText } from '@verify-images/primitives'
import { RegistryError } from './registry-error.ts'

type ManifestKind = 'image' | 'index' | 'artifact'

export const OCI_INDEX = 'application/vnd.oci.image.index.v1+json'
const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json'
const OCI_ARTIFACT = 'application/vnd.oci.artifact.manifest.v1+json'

/** The accepted media types. Docker schema 1 is not among them: its digest is not that of its bytes. */
const KINDS: ReadonlyMap<string, ManifestKind> = new Map([
  [OCI_MANIFEST, 'image'],
  ['application/vnd.docker.distribution.manifest.v2+json', 'image'],
  [OCI_INDEX, 'index'],
  ['application/vnd.docker.distribution.manifest.list.v2+json', 'index'],
  [OCI_ARTIFACT, 'artifact'],
])

export const MANIFEST_ACCEPT: string = [...KINDS.keys()].join(', ')

/** Content types without a meaning; then the `mediaType` of the manifest, or else its members, decide. */
const GENERIC_TYPES: ReadonlySet<string> = new Set(['', 'application/json', 'application/octet-stream', 'text/plain'])

/** The members by which some readers recognise the kind of a manifest. */
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

/** A manifest with the media type that its content type, its `mediaType` and its members agree on. */
export interface TypedManifest {
  readonly mediaType: string
  readonly manifest: JsonObject
}

/**
 * Parses a manifest, and returns it with its media type, if every reader agrees on that.
 *
 * With a manifest that is an image to one tool and an index to another, a signer and a runtime see different content
 * under one digest. So the header, `mediaType` and the members must agree.
 *
 * @throws RegistryError `REGISTRY_MANIFEST_AMBIGUOUS`, `REGISTRY_MANIFEST_INVALID`, or `REGISTRY_RESPONSE_INVALID` when
 * the answer has another content type
 */
export function parseManifest(bytes: Uint8Array, contentType: string | undefined): TypedManifest {
  const served = (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''
  if (!KINDS.has(served) && !GENERIC_TYPES.has(served)) {
    throw new RegistryError(
      'REGISTRY_RESPONSE_INVALID',
      `expected the content type of a manifest, got \`${printableText(served, 80)}\``,
    )
  }
  const manifest = parseObject(bytes)
  const variant = Object.keys(manifest).find((key) => (EXACT_NAMES.get(foldKey(key)) ?? key) !== key)
  if (variant !== undefined)
    throw ambiguous(`the member \`${printableText(variant, 40)}\` differs from a known one in case only`)
  const stated = manifest['mediaType']
  if (stated !== undefined && typeof stated !== 'string') throw invalid('expected `mediaType` to be a string')
  if (KINDS.has(served) && stated !== undefined && stated !== served)
    throw ambiguous(`the content type is \`${served}\`, \`mediaType\` is \`${printableText(stated, 80)}\``)
  const kinds = new Set(
    Object.keys(manifest)
      .map((key) => MEMBERS.get(foldKey(key)))
      .filter((kind) => kind !== undefined),
  )
  const [memberKind] = kinds
  if (kinds.size > 1) throw ambiguous(`it has the members of an ${[...kinds].join(' and of an ')}`)
  const mediaType = KINDS.has(served) ? served : (stated ?? (memberKind === undefined ? '' : DEFAULT_TYPES[memberKind]))
  const kind = KINDS.get(mediaType)
  if (kind === undefined)
    throw invalid(`expected the media type of a manifest, got \`${printableText(mediaType, 80)}\``)
  if (memberKind !== undefined && memberKind !== kind)
    throw ambiguous(`\`${mediaType}\` with the members of an ${memberKind}`)
  return { mediaType, manifest }
}

/** Returns whether a media type is the one of an index. */
export function isIndexType(mediaType: string): boolean {
  return KINDS.get(mediaType) === 'index'
}

function parseObject(bytes: Uint8Array): JsonObject {
  let value
  try {
    value = manifestJson(bytes)
  } catch (error) {
    throw invalid(error instanceof SyntaxError ? error.message : 'not JSON')
  }
  if (!isJsonObject(value)) throw invalid('expected a JSON object')
  return value
}

function invalid(reason: string): RegistryError {
  return new RegistryError('REGISTRY_MANIFEST_INVALID', `invalid manifest: ${reason}`)
}

function ambiguous(reason: string): RegistryError {
  return new RegistryError('REGISTRY_MANIFEST_AMBIGUOUS', `ambiguous manifest: ${reason}`)
}
