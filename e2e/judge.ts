import { createImageVerifier, parsePolicies, type ImageVerifierOptions } from '@verify-images/core'
import type { SigningWorld, TestImage } from '@verify-images/testing'
import { clusterPolicy } from '@verify-images/testing/internal'

/** The verdict of a real verifier, at the time of the world and with its trust, on an image. */
export function judge(
  world: SigningWorld,
  image: TestImage,
  entry: object,
  options: Partial<ImageVerifierOptions> = {},
): ReturnType<ReturnType<typeof createImageVerifier>['verifyImage']> {
  return createImageVerifier({
    policies: parsePolicies(JSON.stringify(clusterPolicy([entry]))),
    registry: world.registryClient(),
    trust: world.trust,
    clock: world.clock,
    ...options,
  }).verifyImage(image.reference)
}
