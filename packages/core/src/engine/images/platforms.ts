import type { Evidence, ImageSubject, Outcome } from '@verify-images/attestor-evaluator'
import type { Digest, Refusal } from '@verify-images/primitives'
import { childrenOf, missingPlatform, type Registry } from './index-children.ts'
import { parsePlatform } from './platform.ts'

/**
 * Which manifests of an image for several platforms must pass everything: the index, as in Kyverno; the index or one of
 * its children; every child; or every child that a runtime on one of these platforms (`linux/amd64`, `linux/arm/v7`)
 * could choose.
 *
 * `index` and `any-child` do not protect from the other children: with `any-child`, whoever can push an index that
 * lists one signed child can have any other child run. Every platform of an array must have a child.
 */
export type PlatformChoice = 'index' | 'any-child' | 'every-child' | readonly string[]

/** Returns whether a value is a choice; an empty array would require nothing. */
export function isPlatformChoice(value: unknown): value is PlatformChoice {
  // A misspelt choice would be read as a platform that no image has.
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

type Verify<A> = (subject: ImageSubject) => Promise<Outcome<A>>

/**
 * Verifies the manifests that the choice names. An image that is not an index is its own only child.
 *
 * @param unreadMayDeny whether something that could not be read might deny, so that no alternative replaces it
 */
export async function overPlatforms<A extends Accepted>(
  choice: PlatformChoice,
  subject: ImageSubject,
  registry: Registry,
  verify: Verify<A>,
  unreadMayDeny: boolean = false,
): Promise<Outcome<OverImages<A>>> {
  if (choice === 'index') return alone(await verify(subject))
  if (choice === 'any-child') return firstOf(subject, registry, verify, unreadMayDeny)
  const children = await childrenOf(subject, choice === 'every-child' ? 'all' : choice, registry)
  if ('failure' in children) return children.failure
  const accepted: A[] = []
  for (const child of children.subjects) {
    const outcome = await verify(child)
    if (outcome.kind !== 'accepted') return outcome
    accepted.push(outcome)
  }
  const [first, ...rest] = accepted
  return first === undefined ? missingPlatform(subject, 'any platform') : pinned(children.digest, [first, ...rest])
}

/** Verifies the index and then its children until one is accepted. */
async function firstOf<A extends Accepted>(
  subject: ImageSubject,
  registry: Registry,
  verify: Verify<A>,
  unreadMayDeny: boolean,
): Promise<Outcome<OverImages<A>>> {
  const mayDeny = ({ kind }: Outcome<A>): boolean => unreadMayDeny && kind === 'inconclusive'
  const whole = await verify(subject)
  if (whole.kind === 'accepted' || mayDeny(whole)) return alone(whole)
  const children = await childrenOf(subject, 'all', registry)
  if ('failure' in children) return children.failure
  let refusal: Refusal = whole
  for (const child of children.subjects) {
    const outcome = await verify(child)
    if (outcome.kind === 'accepted') return pinned(children.digest, [outcome])
    if (mayDeny(outcome)) return outcome
    // An alternative that could not be checked might have been accepted.
    if (refusal.kind === 'rejected') refusal = outcome
  }
  return refusal
}

/** Returns the index is pinned, not the children that were verified. */
function pinned<A extends Accepted>(digest: Digest, images: readonly [A, ...A[]]): Outcome<OverImages<A>> {
  const evidence = images.flatMap((each) => each.evidence)
  return { kind: 'accepted', ...images[0], evidence, digest, images }
}

function alone<A>(outcome: Outcome<A>): Outcome<OverImages<A>> {
  return outcome.kind === 'accepted' ? { ...outcome, images: [outcome] } : outcome
}
