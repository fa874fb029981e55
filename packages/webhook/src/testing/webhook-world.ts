import { createImageVerifier, parsePolicies, type ImageVerifier, type ImageVerifierOptions } from '@verify-images/core'
import { createSigningWorld, type SigningWorld } from '@verify-images/testing'
import { clusterPolicy, entryOf, keyAttestor } from '@verify-images/testing/internal'

/** A world with a signed and an unsigned image, and a policy that enforces signatures. */
export interface WebhookWorld {
  readonly world: SigningWorld
  readonly verifier: (options?: Partial<ImageVerifierOptions>) => ImageVerifier
  readonly signed: string
  readonly signedDigest: string
  readonly unsigned: string
}

export async function createWebhookWorld(): Promise<WebhookWorld> {
  const world = await createSigningWorld()
  const signed = world.image('registry.test/team/app:1').signedBy(world.key('release'))
  const unsigned = world.image('registry.test/team/tool:1')
  const entry = entryOf(keyAttestor(world.key('release')))
  const policies = parsePolicies(JSON.stringify(clusterPolicy([entry])))
  return {
    world,
    verifier: (options = {}) => createImageVerifier({ policies, registry: world.registryClient(), ...options }),
    signed: signed.reference,
    signedDigest: signed.digest,
    unsigned: unsigned.reference,
  }
}

/** Returns a review as an API server sends it for a new Pod. */
export function reviewOf(image: string, uid = 'u1'): object {
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid,
      kind: { group: '', version: 'v1', kind: 'Pod' },
      resource: { group: '', version: 'v1', resource: 'pods' },
      name: 'app',
      namespace: 'default',
      operation: 'CREATE',
      userInfo: { username: 'alice', groups: ['system:authenticated'] },
      object: {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'app', namespace: 'default' },
        spec: { containers: [{ name: 'app', image }] },
      },
      oldObject: null,
      dryRun: false,
    },
  }
}
