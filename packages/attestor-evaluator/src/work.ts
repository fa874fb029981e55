import type { Work } from '@verify-images/x509'
import type { ImageSubject } from './ports.ts'
import type { VerificationRun } from './signature-verifier.ts'

/** Returns what the checks of one image count against. */
export function workFor(image: ImageSubject, { signal, budget }: VerificationRun): Work {
  return { signal, budget, by: image.reference }
}
