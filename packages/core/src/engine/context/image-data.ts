import type { ArtifactSource } from '@verify-images/attestor-evaluator'
import { parseImageReference, type RegistrySettings } from '@verify-images/image-matcher'
import type { ImageRegistryCredentials } from '@verify-images/policy-parser'
import {
  isDigest,
  isJsonArray,
  isJsonObject,
  type Json,
  type JsonObject,
  manifestJson,
} from '@verify-images/primitives'
import { copyJsonObject } from '../../request/copy-json.ts'
import { LIMITS } from '../../limits.ts'
import { repositoryOf } from '../images/image-subject.ts'
import { EntryError, type ImageStep } from './entry-error.ts'
import { parseImageConfig } from './image-config.ts'
import { fillIn, select, type EntryTask } from './entry-fields.ts'
import { failureOfSource, requireManifest } from '../fault.ts'

/** Reads names, manifest and config of an image; of an index, those of the platform that Kyverno chooses. */
export async function imageData(task: EntryTask): Promise<Json> {
  const {
    entry: { name, imageRegistry: source = {} },
    registry,
    references,
    signal,
  } = task
  const { reference: template = '', jmesPath, imageRegistryCredentials } = source
  const reference = await fillIn(task, template)
  if (typeof reference !== 'string')
    throw new EntryError(name, { kind: 'image-not-string', value: JSON.stringify(reference) })
  const attempt: Attempt = (step, work) => attemptStep(name, reference, step, work)
  const data = await attempt('describe', async () => {
    const source = await registry(credentialsOf(imageRegistryCredentials))
    return describe(reference, references, source, { signal, attempt })
  })
  return select({ ...task, entry: { name } }, typeof jmesPath === 'string' ? jmesPath : undefined, data)
}

async function describe(
  text: string,
  references: RegistrySettings,
  source: ArtifactSource,
  { signal, attempt }: { readonly signal: AbortSignal; readonly attempt: Attempt },
): Promise<JsonObject> {
  const { reference, repository, top } = await attempt('describe', async () => {
    const parsed = await attempt('parse', () => parseImageReference(text, references))
    const named = repositoryOf(parsed)
    return {
      reference: parsed,
      repository: named,
      top: await attempt('fetch', () => manifestAt(source, named, parsed.digest || parsed.tag, signal)),
    }
  })
  const list = isIndex(top.document) ? top.document : null
  const image =
    list === null ? top : await attempt('resolve', () => manifestAt(source, repository, platformDigest(list), signal))
  const config = await attempt('fetch-config', () =>
    source.fetchBlob(repository, descriptorOf(image.document['config']), LIMITS.imageConfigBytes, signal),
  )
  const { registry, path, tag, digest } = reference
  return {
    image: text,
    resolvedImage: `${repository}@${top.digest}`,
    registry,
    repository: path,
    identifier: tag && digest ? `${tag}@${digest}` : digest || tag,
    manifestList: list,
    manifest: image.document,
    configData: await attempt('decode-config', () => copyJsonObject(parseImageConfig(config), 'image data')),
  }
}

/** Reads credentials of a context entry; a member of another type counts as absent, as in a decoded policy. */
function credentialsOf(written: Json | undefined): ImageRegistryCredentials | undefined {
  if (!isJsonObject(written)) return undefined
  const strings = (name: string): readonly string[] => {
    const list = written[name]
    return isJsonArray(list) ? list.filter((each) => typeof each === 'string') : []
  }
  return {
    allowInsecureRegistry: written['allowInsecureRegistry'] === true,
    providers: strings('providers'),
    secrets: strings('secrets'),
  }
}

type Attempt = <T>(step: ImageStep, work: () => T | Promise<T>) => Promise<T>

async function attemptStep<T>(entry: string, image: string, step: ImageStep, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const cause =
      error instanceof EntryError ? { fault: error.fault } : { failure: failureOfSource(error, 'VERIFIER_INTERNAL') }
    throw new EntryError(entry, { kind: 'image', step, image, cause }, error)
  }
}

async function manifestAt(
  source: ArtifactSource,
  repository: string,
  reference: string,
  signal: AbortSignal,
): Promise<{ document: JsonObject; digest: string }> {
  const { bytes, digest } = requireManifest(await source.fetchManifest(repository, reference, signal))
  return { document: parseManifest(bytes), digest }
}

function isIndex(document: JsonObject): boolean {
  return Array.isArray(document['manifests'])
}

/** Kyverno's choice: linux/amd64, the default of go-containerregistry. */
function platformDigest(index: JsonObject): string {
  const { manifests } = index
  const children = isJsonArray(manifests) ? manifests.filter(isJsonObject) : []
  const child = children.find(
    ({ platform }) => isJsonObject(platform) && platform['os'] === 'linux' && platform['architecture'] === 'amd64',
  )
  const digest = child?.['digest']
  // A child without a digest could be another one each time.
  if (!isDigest(digest)) throw new Error('no child with platform linux/amd64 in index')
  return digest
}

function descriptorOf(value: Json | undefined): Parameters<ArtifactSource['fetchBlob']>[1] {
  if (!isJsonObject(value)) throw new Error('the manifest has no config')
  const { mediaType, digest, size } = value
  if (typeof mediaType !== 'string' || !isDigest(digest) || typeof size !== 'number')
    throw new Error('the config descriptor is invalid')
  return { mediaType, digest, size }
}

function parseManifest(bytes: Uint8Array): JsonObject {
  return copyJsonObject(manifestJson(bytes), 'image data')
}
