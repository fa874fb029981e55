import type { ArtifactSource, Evidence, ImageSubject, Outcome } from '@verify-images/attestor-evaluator'
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

/**
 * Which manifests of an image for several platforms must pass everything: the index, as in Kyverno; the index or one of
 * its children; every child; or every child that a runtime on one of these platforms (`linux/amd64`, `linux/arm/v7`)
 * could choose.
 *
 * `index` and `any-child` do not protect from the other children: with `any-child`, whoever can push an index that
 * lists one signed child can have any other child run. Of a list, every platform must have a child.
 */
export type PlatformChoice = 'index' | 'any-child' | 'every-child' | readonly string[]

/** Whether what a caller has written is one; a list of no platforms would ask for nothing. */
export function isPlatformChoice(value: unknown): value is PlatformChoice {
  // A choice with a slip of the pen would be a platform that no image has.
  if (Array.isArray(value)) return value.length > 0 && Array.from(value, isPlatform).every(Boolean)
  return value === 'index' || value === 'any-child' || value === 'every-child'
}

function isPlatform(value: unknown): boolean {
  return typeof value === 'string' && parsePlatform(value) !== undefined
}

interface Accepted {
  readonly evidence: readonly Evidence[]
}

/** The accepted manifests; `deny` is evaluated for every one of them. */
type OverImages<A> = A & { readonly images: readonly [A, ...A[]] }

/** Verifies the manifests that the choice names. An image that is not an index is its own only child. */
export async function overPlatforms<A extends Accepted>(
  choice: PlatformChoice,
  subject: ImageSubject,
  registry: { readonly source: ArtifactSource; readonly signal: AbortSignal },
  verify: (subject: ImageSubject) => Promise<Outcome<A>>,
  /** Whether something that could not be read might deny, so that no alternative replaces it. */
  unreadMayDeny: boolean = false,
): Promise<Outcome<OverImages<A>>> {
  if (choice === 'index') return alone(await verify(subject))
  const refusals: Refusal[] = []
  if (choice === 'any-child') {
    const whole = await verify(subject)
    if (whole.kind === 'accepted' || (unreadMayDeny && whole.kind === 'inconclusive')) return alone(whole)
    refusals.push(whole)
  }
  const children = await childrenOf(subject, choice, registry)
  if ('failure' in children) return children.failure
  const accepted: A[] = []
  for (const child of children.subjects) {
    const outcome = await verify(child)
    if (outcome.kind === 'accepted') accepted.push(outcome)
    else if (choice === 'any-child' && !(unreadMayDeny && outcome.kind === 'inconclusive')) refusals.push(outcome)
    else return outcome
    if (outcome.kind === 'accepted' && choice === 'any-child') break
  }
  const [first, ...rest] = accepted
  if (first !== undefined) {
    const evidence = accepted.flatMap((each) => each.evidence)
    // The index is pinned, not the child that was verified.
    return { kind: 'accepted', ...first, evidence, digest: children.digest, images: [first, ...rest] }
  }
  // An alternative that could not be checked might have been accepted.
  const refusal = refusals.find(({ kind }) => kind === 'inconclusive') ?? refusals.at(-1)
  if (refusal !== undefined) return refusal
  return unreadable(
    'VERIFIER_PLATFORM_MISSING',
    `${subject.reference} has no image for ${typeof choice === 'string' ? 'any platform' : choice.join(', ')}`,
  )
}

function alone<A>(outcome: Outcome<A>): Outcome<OverImages<A>> {
  return outcome.kind === 'accepted' ? { ...outcome, images: [outcome] } : outcome
}

type Children = { readonly subjects: readonly ImageSubject[]; readonly digest: Digest } | { readonly failure: Refusal }

async function childrenOf(
  subject: ImageSubject,
  choice: PlatformChoice,
  { source, signal }: { readonly source: ArtifactSource; readonly signal: AbortSignal },
): Promise<Children> {
  try {
    const manifest = requireManifest(
      await source.fetchManifest(subject.repository, subject.digest ?? subject.tag ?? 'latest', signal),
    )
    const { digest } = manifest
    const document = copyJsonObject(manifestJson(manifest.bytes), 'manifest')
    if (!Array.isArray(document['manifests'])) return { subjects: [{ ...subject, digest }], digest }
    const listed: readonly Json[] = document['manifests']
    const children = listed.filter(isChild)
    // A skipped child could be the one that runs.
    if (children.length < listed.length)
      return {
        failure: unreadable(
          'VERIFIER_PLATFORMS_UNREADABLE',
          `${subject.reference} is an index with a child that is not named by a digest`,
        ),
      }
    if (children.some(isAmbiguous))
      return {
        failure: unreadable(
          'VERIFIER_PLATFORMS_UNREADABLE',
          `${subject.reference} is an index with a child that two readers could read differently`,
        ),
      }
    const images = children.filter((child) => !isBuildAttestation(child))
    if (images.length > LIMITS.platforms)
      return {
        failure: unreadable(
          'VERIFIER_TOO_MANY_PLATFORMS',
          `${subject.reference} is an index of ${String(images.length)} images, more than ${String(LIMITS.platforms)}`,
        ),
      }
    const stated = images.map((child) => ({ child, platform: statedPlatform(child['platform']) }))
    const targets = typeof choice === 'string' ? [] : choice.map((name) => ({ name, platform: parsePlatform(name) }))
    const missing = targets
      .filter(({ platform: target }) => !stated.some(({ platform }) => isSame(platform, target)))
      .map(({ name }) => name)
    if (missing.length > 0)
      return {
        failure: unreadable('VERIFIER_PLATFORM_MISSING', `${subject.reference} has no image for ${missing.join(', ')}`),
      }
    // Of several images that a platform can run, a runtime may choose any.
    const chosen =
      typeof choice === 'string'
        ? images
        : stated
            .filter(({ platform }) =>
              targets.some(({ platform: target }) => target !== undefined && couldRunOn(platform, target)),
            )
            .map(({ child }) => child)
    return { digest, subjects: chosen.map((child) => ({ ...subject, digest: child.digest })) }
  } catch (error) {
    return { failure: refusalOf(failureOfSource(error, 'VERIFIER_PLATFORMS_UNREADABLE')) }
  }
}

type Child = JsonObject & { readonly digest: Digest }

function isChild(value: Json): value is Child {
  return isJsonObject(value) && isDigest(value['digest'])
}

/**
 * Whether Go could read another child here: it takes the later of two keys that differ in case only, and a `Variant`
 * for the variant. The members of a platform are all in lower case.
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
