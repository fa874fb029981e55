import { discoverImage, type RegistryClient } from '@verify-images/core'
import { codeOf, describeError, InputError } from './cli-error.ts'

/**
 * Refuses what is no image reference before anything is asked of anybody, and whether or not a policy concerns it. Looking begins with reading the reference;
 * the signal is spent, so that it also ends there.
 *
 * @throws InputError
 */
export async function checkReferences(images: readonly string[], registry: RegistryClient): Promise<void> {
  for (const image of images) {
    await discoverImage(image, { registry, signal: AbortSignal.abort() }).catch((error: unknown) => {
      if (codeOf(error).startsWith('IMAGE_')) throw new InputError(`${image}: ${describeError(error)}`)
    })
  }
}
