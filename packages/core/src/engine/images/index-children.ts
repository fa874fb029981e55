import type { ArtifactSource, ImageSubject } from '@verify-images/attestor-evaluator'
import {
  type Digest,
  foldKey,
  hasFoldedTwins,
  isDigest,
  isJsonObject,
  type Json,
  type JsonObject,
  manifestJson,
  type ReasonCode,
  type Refusal,
  refusalOf,
} from '@verify-images/primitives'
import { failureOfSource, requireManifest } from '../fault.ts'
import { LIMITS } from '../../limits.ts'
import { copyJsonObject } from '../../request/copy-json.ts'
import { couldRunOn, isSamePlatform, parsePlatform, type Platform, statedPlatform } from './platform.ts'

export interface Registry {
  readonly source: ArtifactSource
  readonly signal: AbortSignal
}

type Refused = { readonly failure: Refusal }

/** The images of an index to verify, and the digest of the index. */
export type Children = { readonly subjects: readonly ImageSubject[]; readonly digest: Digest } | Refused

/**
 * Fetches an index and returns its images, or those that a runtime on one of the platforms could choose. An image that
 * is not an index is its own only child.
 */
export async function childrenOf(
  subject: ImageSubject,
  platforms: readonly string[] | 'all',
  { source, signal }: Registry,
): Promise<Children> {
  try {
    const manifest = requireManifest(
      await source.fetchManifest(subject.repository, subject.digest ?? subject.tag ?? 'latest', signal),
    )
    const { digest } = manifest
    const document = copyJsonObject(manifestJson(manifest.bytes), 'manifest')
    if (!Array.isArray(document['manifests'])) return { subjects: [{ ...subject, digest }], digest }
    const images = imagesOf(subject, document['manifests'])
    if ('failure' in images) return images
    const chosen = platforms === 'all' ? images : chooseByPlatform(subject, images, platforms)
    if ('failure' in chosen) return chosen
    return { digest, subjects: chosen.map((child) => ({ ...subject, digest: child.digest })) }
  } catch (error) {
    return { failure: refusalOf(failureOfSource(error, 'VERIFIER_PLATFORMS_UNREADABLE')) }
  }
}

/** Returns the images that an index lists. A skipped child could be the one that runs, so none is. */
function imagesOf({ reference }: ImageSubject, listed: readonly Json[]): readonly Child[] | Refused {
  const children = listed.filter(isChild)
  if (children.length < listed.length)
    return {
      failure: unreadable(
        'VERIFIER_PLATFORMS_UNREADABLE',
        `${reference} is an index with a child that is not named by a digest`,
      ),
    }
  if (children.some(isAmbiguous))
    return {
      failure: unreadable(
        'VERIFIER_PLATFORMS_UNREADABLE',
        `${reference} is an index with a child that two readers could read differently`,
      ),
    }
  const images = children.filter((child) => !isBuildAttestation(child))
  if (images.length > LIMITS.platforms)
    return {
      failure: unreadable(
        'VERIFIER_TOO_MANY_PLATFORMS',
        `${reference} is an index of ${String(images.length)} images, more than ${String(LIMITS.platforms)}`,
      ),
    }
  return images
}

/** Returns the images that a runtime on one of the platforms could choose: of several, it may choose any. */
function chooseByPlatform(
  subject: ImageSubject,
  images: readonly Child[],
  names: readonly string[],
): readonly Child[] | Refused {
  const stated = images.map((child) => ({ child, platform: statedPlatform(child['platform']) }))
  const targets = names.map((name) => ({ name, platform: parsePlatform(name) }))
  const absent = targets.filter(({ platform: target }) => !stated.some(({ platform }) => isSame(platform, target)))
  if (absent.length > 0) return { failure: missingPlatform(subject, absent.map(({ name }) => name).join(', ')) }
  const canRun = (platform: Platform | undefined): boolean =>
    targets.some(({ platform: target }) => target !== undefined && couldRunOn(platform, target))
  return stated.filter(({ platform }) => canRun(platform)).map(({ child }) => child)
}

export function missingPlatform({ reference }: ImageSubject, platforms: string): Refusal {
  return unreadable('VERIFIER_PLATFORM_MISSING', `${reference} has no image for ${platforms}`)
}

type Child = JsonObject & { readonly digest: Digest }

function isChild(value: Json): value is Child {
  return isJsonObject(value) && isDigest(value['digest'])
}

/**
 * Returns whether Go could read another child here: it takes the later of two keys that differ in case only, and a
 * `Variant` for the variant. The members of a platform are all in lower case.
 */
function isAmbiguous(child: Child): boolean {
  const { platform } = child
  return hasFoldedTwins(child) || (isJsonObject(platform) && Object.keys(platform).some((key) => foldKey(key) !== key))
}

/**
 * Attestations that build tools put into an index are not images. Only one whose platform is unknown counts as one:
 * what is for a platform can run there, whatever its annotations say.
 */
function isBuildAttestation(child: JsonObject): boolean {
  const { annotations } = child
  const platform = statedPlatform(child['platform'])
  return (
    platform?.os === 'unknown' &&
    platform.architecture === 'unknown' &&
    platform.variant === '' &&
    isJsonObject(annotations) &&
    Object.hasOwn(annotations, 'vnd.docker.reference.type')
  )
}

function isSame(platform: Platform | undefined, target: Platform | undefined): boolean {
  return platform !== undefined && target !== undefined && isSamePlatform(platform, target)
}

function unreadable(code: ReasonCode, message: string): Refusal {
  return refusalOf({ kind: 'reason', reason: { code, message }, inconclusive: true })
}
