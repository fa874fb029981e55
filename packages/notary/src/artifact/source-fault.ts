import { AttestorError } from '@verify-images/attestor-evaluator'
import { CheckError, registryCodes, type RegistryCode } from '@verify-images/primitives'

interface Fault {
  readonly code: RegistryCode | 'ATTESTOR_SOURCE_UNAVAILABLE'
  readonly message: string
  readonly upstreamText: string
  readonly networkFault: boolean
}

/** What a source's error says of itself. Told apart by its fields, never by class; anything else that was thrown is a fault as well. */
export function readFault(error: unknown): Fault {
  const field = (name: string): unknown =>
    typeof error === 'object' && error !== null ? Reflect.get(error, name) : undefined
  const code = field('code')
  const message = error instanceof Error ? error.message : 'the source failed'
  const upstreamText = field('upstreamText')
  return {
    message,
    code: registryCodes.find((known) => known === code) ?? 'ATTESTOR_SOURCE_UNAVAILABLE',
    upstreamText: typeof upstreamText === 'string' ? upstreamText : message,
    networkFault: field('networkFault') === true,
  }
}

/** Transitional: the sentence of Kyverno that an error carries. */
export function upstreamTextOf(error: CheckError): string {
  const { detail } = error.details
  return detail?.kind === 'text' ? detail.text : error.message
}

/**
 * Runs a step; what it fails with is told in Kyverno's words for that step, and an error of the source becomes "could not
 * be told".
 *
 * @throws AttestorError; the reason of the signal when it was aborted
 */
export async function during<T>(
  words: (upstreamText: string) => string,
  step: () => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  try {
    return await step()
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof CheckError) {
      throw new AttestorError(error.code, error.message, {
        ...error.details,
        upstreamText: words(upstreamTextOf(error)),
        networkFault: error.details.detail?.kind === 'text' && error.details.detail.isNetwork === true,
        cause: error,
      })
    }
    const { code, message, upstreamText, networkFault } = readFault(error)
    throw new AttestorError('ATTESTOR_SOURCE_UNAVAILABLE', message, {
      upstreamText: words(upstreamText),
      networkFault,
      actual: code,
      cause: error,
    })
  }
}
