import { parseImageReference } from '@verify-images/core'
import { codeOf, describeError, InputError } from './cli-error.ts'

/**
 * Refuses what is no image reference before anything is asked of anybody, and whether or not a policy concerns it.
 *
 * @throws InputError
 */
export function checkReferences(images: readonly string[]): void {
  for (const image of images) {
    try {
      parseImageReference(image)
    } catch (error) {
      throw codeOf(error).startsWith('IMAGE_') ? new InputError(`${image}: ${describeError(error)}`) : error
    }
  }
}
