import type { ImageVerifier } from '@verify-images/core'
import { untilAborted } from '@verify-images/primitives'
import { READINESS_MS } from './limits.ts'

/** Whether a part of the webhook can do its work. */
export interface Readiness {
  readonly ready: boolean
  /** What is wrong, also if it is ready all the same. Whoever can reach the port can read it. */
  readonly message?: string
}

/** One line of `/readyz`: the policies, a reader, the trust root. */
export type ReadinessCheck = () => Readiness | Promise<Readiness>

/** Answers `/readyz`: 200 if all checks are ready. What is wrong is in the body in either case. */
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
    return { name, ready: false, message: error instanceof Error ? error.message : String(error) }
  }
}

/** Ready as soon as there are policies: without any, every object would be admitted. */
export function verifierReadiness(verifier: ImageVerifier | undefined, source: Readiness | undefined): Readiness {
  const message = source?.message === undefined ? {} : { message: source.message }
  if (verifier === undefined) return { ready: false, message: 'no verifier yet', ...message }
  if (verifier.problems.some(({ code }) => code === 'VERIFIER_POLICIES_EMPTY'))
    return { ready: false, message: 'there is no policy', ...message }
  return { ready: source?.ready ?? true, ...message }
}
