import { createSigningWorld, type SigningWorld } from '@verify-images/testing'

/** A world with a signed and an unsigned image, and a policy as a file or a cluster has it. */
export interface PolicyWorld {
  readonly world: SigningWorld
  readonly signed: string
  readonly unsigned: string
  readonly policy: (name: string, rule?: object, spec?: object) => PolicyObject
}

export interface PolicyObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string; readonly namespace?: string }
  readonly spec: object
}

export async function createPolicyWorld(): Promise<PolicyWorld> {
  const world = await createSigningWorld()
  const signed = world.image('registry.test/team/app:1').signedBy(world.key('release'))
  const unsigned = world.image('registry.test/team/tool:1')
  const keys = {
    publicKeys: world.key('release').publicKey,
    rekor: { ignoreTlog: true },
    ctlog: { ignoreSCT: true },
  }
  const verifyImages = [{ imageReferences: ['registry.test/*'], attestors: [{ entries: [{ keys }] }] }]
  return {
    world,
    signed: signed.reference,
    unsigned: unsigned.reference,
    policy: (name, rule = {}, spec = {}) => ({
      apiVersion: 'kyverno.io/v1',
      kind: 'ClusterPolicy',
      metadata: { name },
      spec: {
        validationFailureAction: 'Enforce',
        ...spec,
        rules: [{ name: 'check', match: { any: [{ resources: { kinds: ['Pod'] } }] }, verifyImages, ...rule }],
      },
    }),
  }
}
