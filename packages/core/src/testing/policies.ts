import type { Policy } from '@verify-images/policy-parser'
import type { SigningKey } from '@verify-images/testing'
import { clusterPolicy, entryOfAll, keyAttestor, type PolicyParts } from '@verify-images/testing/internal'
import { parsePolicies } from '../parse-policies.ts'

export { keyAttestor, type PolicyParts }

/** Returns a ClusterPolicy that enforces, with one rule of these `verifyImages` entries. */
export function policyOf(entries: readonly object[], parts: PolicyParts = {}): readonly Policy[] {
  return parsePolicies(JSON.stringify(clusterPolicy(entries, parts)))
}

/** Returns an entry for all images of `registry.test`, signed by these keys. */
export function signedBy(keys: readonly Pick<SigningKey, 'publicKey'>[], entry: object = {}): object {
  return entryOfAll(
    keys.map((key) => keyAttestor(key)),
    entry,
  )
}

export function podOf(...images: readonly string[]): {
  readonly apiVersion: 'v1'
  readonly kind: 'Pod'
  readonly metadata: Record<string, unknown>
  readonly spec: { readonly containers: readonly object[] }
} {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'app', namespace: 'default' },
    spec: { containers: images.map((image, i) => ({ name: `c${String(i)}`, image })) },
  }
}
