import type { Failure } from '@verify-images/primitives'

/** Transitional: the text of a failure whose steps and details still carry the sentences of Kyverno. */
export function textOf(failure: Failure): string {
  if (failure.kind === 'reason') return failure.detail?.kind === 'text' ? failure.detail.text : failure.reason.message
  const { step, failures } = failure
  if (step.kind !== 'text') return failures.map(textOf).join('; ')
  if (step.separator !== undefined) return `${step.text}${failures.map(textOf).join(step.separator)}`
  const shown = step.shows === undefined ? undefined : failures[step.shows]
  return `${step.text}${shown === undefined ? '' : textOf(shown)}`
}
