import { createSigningWorld, type SigningWorld } from '@verify-images/testing'
import { clusterPolicy, entryOf, keyAttestor, type PolicyObject } from '@verify-images/testing/internal'

/** A world with a signed and an unsigned image, and a policy as a file or a cluster has it. */
export interface PolicyWorld {
  readonly world: SigningWorld
  readonly signed: string
  readonly unsigned: string
  readonly policy: (name: string, rule?: object, spec?: object) => PolicyObject
}

export async function createPolicyWorld(): Promise<PolicyWorld> {
  const world = await createSigningWorld()
  const signed = world.image('registry.test/team/app:1').signedBy(world.key('release'))
  const unsigned = world.image('registry.test/team/tool:1')
  const entry = entryOf(keyAttestor(world.key('release')))
  return {
    world,
    signed: signed.reference,
    unsigned: unsigned.reference,
    policy: (name, rule = {}, spec = {}) => clusterPolicy([entry], { name, rule, spec }),
  }
}
