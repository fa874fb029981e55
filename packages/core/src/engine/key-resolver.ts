import type { KeyResolver } from '@verify-images/attestor-evaluator'
import { decodeGoBase64, isObject } from '@verify-images/primitives'
import type { KubernetesReader } from '../kubernetes.ts'
import { copyObjectAnswer } from '../request/copy-answer.ts'

/**
 * Returns a resolver that reads keys in Secrets from the cluster and asks the embedder for all others; undefined if
 * there is neither.
 */
export function keyResolver(
  kubernetes: KubernetesReader | undefined,
  other: KeyResolver | undefined,
): KeyResolver | undefined {
  if (kubernetes === undefined) return other
  return {
    async resolveKey(source, signal): Promise<string> {
      if (source.kind === 'kubernetes-secret') return keyOfSecret(kubernetes, source.namespace, source.name, signal)
      if (other === undefined) throw new Error(`no resolver for keys of ${source.provider}`)
      return other.resolveKey(source, signal)
    },
  }
}

/** `cosign.pub` of a Secret, as `cosign generate-key-pair k8s://…` writes it. */
async function keyOfSecret(
  kubernetes: KubernetesReader,
  namespace: string,
  name: string,
  signal: AbortSignal,
): Promise<string> {
  const found = await kubernetes.read('Secret', namespace, name, signal)
  if (found === undefined) throw new Error(`checking if secret exists: secrets "${name}" not found`)
  const secret = await copyObjectAnswer(found, `Secret ${name}`, signal)
  const plain = memberOf(secret['stringData'])
  if (plain !== undefined) return plain
  const encoded = memberOf(secret['data'])
  // In Kyverno a Secret without the key is a key that cannot be decoded.
  if (encoded === undefined) return ''
  return decodeGoBase64(encoded)?.toString('utf8') ?? ''
}

function memberOf(data: unknown): string | undefined {
  const value = isObject(data) && Object.hasOwn(data, 'cosign.pub') ? data['cosign.pub'] : undefined
  return typeof value === 'string' ? value : undefined
}
