import type {
  V1ClusterRoleBinding,
  V1ConfigMap,
  V1Namespace,
  V1Pod,
  V1RoleBinding,
  V1Secret,
} from '@kubernetes/client-node'
import type {
  DifferenceRow,
  ImageVerifier,
  KubernetesReader,
  Problem,
  Reason,
  ReasonCode,
  RuleResult,
} from './index.ts'
import { differences } from './index.ts'

/** Checked by `pnpm typecheck`: each line below an expectation has to be an error. */
export const codes: readonly ReasonCode[] = [
  'ATTESTOR_SIGNATURE_INVALID',
  'REGISTRY_NOT_FOUND',
  'VERIFIER_DENIED',
  // @ts-expect-error a misspelt code
  'ATTESTOR_SIGNATURE_INVALD',
  // @ts-expect-error a prefix is no code
  'ATTESTOR_',
]
export const rows: readonly DifferenceRow[] = [
  'S12',
  'cnd-empty',
  // @ts-expect-error a row that docs/differences.md does not have
  'S99',
  // @ts-expect-error a misspelt row
  'cnd_empty',
]
export const what: string = differences.S12.what
// @ts-expect-error there is no such row
export const unknownRow: unknown = differences.S99

export const reason: Reason = {
  // @ts-expect-error a misspelt code
  code: 'ATTESTOR_SIGNATURE_INVALD',
  message: '',
  // @ts-expect-error a misspelt row
  difference: 's12',
}

export function isStrict(code: ReasonCode): boolean {
  // @ts-expect-error comparing with a misspelt code
  return code === 'ATTESTOR_NO_SIGNATUR'
}

export function isOpen({ code }: Problem): boolean {
  // @ts-expect-error comparing with a misspelt code
  return code === 'ATTESTOR_IDENTITY_OPN'
}

export function isDenied({ code }: RuleResult): boolean {
  // @ts-expect-error comparing with a misspelt code
  return code === 'VERIFIER_DENYED'
}

/** Objects of Kubernetes' own client are what a reader may return, and what can be verified. */
declare const cluster: {
  readonly read: () => Promise<V1Namespace | V1ConfigMap | V1Secret | undefined>
  readonly list: () => Promise<readonly (V1RoleBinding | V1ClusterRoleBinding)[]>
}
export const reader: KubernetesReader = cluster
// @ts-expect-error a reader without `read`
export const notReader: KubernetesReader = { list: cluster.list }

export function scanPod(verifier: ImageVerifier, pod: V1Pod): ReturnType<ImageVerifier['scan']> {
  return verifier.scan(pod)
}
