import { createImageVerifier, parsePolicies, type ImageVerifierOptions } from '@verify-images/core'
import type { SigningKey, SigningWorld, TestImage } from '@verify-images/testing'

/** Trust that a policy leaves to the verifier, and nothing of which it ignores. */
export function keyEntry(
  { publicKey }: Pick<SigningKey, 'publicKey'>,
  trust: object = { rekor: { ignoreTlog: true }, ctlog: { ignoreSCT: true } },
): object {
  return { keys: { publicKeys: publicKey, ...trust } }
}

export function keylessEntry(subject: string, issuer: string, more: object = {}): object {
  return { keyless: { subject, issuer, rekor: { url: 'https://rekor.sigstore.test' }, ...more } }
}

/** An entry of `verifyImages` for every image of the world. */
export function entryOf(attestor: object, more: object = {}): object {
  return { imageReferences: ['registry.test/*'], attestors: [{ entries: [attestor] }], ...more }
}

/** An entry that asks for an attestation and holds a condition against it. */
export function attestedEntry(
  attestor: object,
  type: string,
  condition: object | undefined,
  more: object = {},
): object {
  const conditions = condition === undefined ? {} : { conditions: [{ all: [condition] }] }
  return {
    imageReferences: ['registry.test/*'],
    attestations: [{ type, attestors: [{ entries: [attestor] }], ...conditions }],
    ...more,
  }
}

/** What a real verifier, at the time of the world and with its trust, says of an image. */
export async function judge(
  world: SigningWorld,
  image: TestImage,
  entry: object,
  options: Partial<ImageVerifierOptions> = {},
): ReturnType<ReturnType<typeof createImageVerifier>['verifyImage']> {
  const policies = parsePolicies(
    JSON.stringify({
      apiVersion: 'kyverno.io/v1',
      kind: 'ClusterPolicy',
      metadata: { name: 'signed' },
      spec: {
        validationFailureAction: 'Enforce',
        background: false,
        rules: [{ name: 'check', match: { any: [{ resources: { kinds: ['Pod'] } }] }, verifyImages: [entry] }],
      },
    }),
  )
  return createImageVerifier({
    policies,
    registry: world.registryClient(),
    trust: world.trust,
    clock: world.clock,
    ...options,
  }).verifyImage(image.reference)
}
