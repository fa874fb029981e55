import type { ImageVerifier } from '@verify-images/core'
import { messageOf, untilAborted } from '@verify-images/primitives'
import { READINESS_MS } from './limits.ts'

/** Whether a part of the webhook can do its work. */
export interface Readiness {
  readonly ready: boolean
  /** What is wrong. A part may be ready although something is. Everyone who can reach the port can read this. */
  readonly message?: string
}

/** One line of `/readyz`: the policies, a reader, the trust root. */
export type ReadinessCheck = () => Readiness | Promise<Readiness>

/** Answers `/readyz`: 200 if all checks are ready, otherwise 503. The body has the messages in both cases. */
export async function answerReadiness(checks: Readonly<Record<string, ReadinessCheck>>): Promise<Response> {
  const found = await Promise.all(Object.entries(checks).map(([name, check]) => resultOf(name, check)))
  const lines = found.flatMap(({ name, message }) => (message === undefined ? [] : [`${name}: ${message}`]))
  const ready = found.every((each) => each.ready)
  return new Response([ready ? 'ok' : 'not ready', ...lines, ''].join('\n'), { status: ready ? 200 : 503 })
}

/** A check that fails or hangs is not ready. */
async function resultOf(name: string, check: ReadinessCheck): Promise<Readiness & { readonly name: string }> {
  try {
    return { name, ...(await untilAborted(AbortSignal.timeout(READINESS_MS), check)) }
  } catch (error) {
    return { name, ready: false, message: messageOf(error) }
  }
}

/** Returns the readiness of the verifier. It is not ready without a policy. */
export function verifierReadiness(verifier: ImageVerifier | undefined, source: Readiness | undefined): Readiness {
  const message = source?.message === undefined ? {} : { message: source.message }
  if (verifier === undefined) return { ready: false, message: 'no verifier yet', ...message }
  if (hasNoPolicy(verifier)) return { ready: false, message: 'there is no policy', ...message }
  return { ready: source?.ready ?? true, ...message }
}

/** Whether a verifier would admit every object, because it has no policy at all; one policy without rules is named. */
export function hasNoPolicy({ problems }: ImageVerifier): boolean {
  return problems.some(({ code, policy }) => code === 'VERIFIER_POLICIES_EMPTY' && policy === '')
}
