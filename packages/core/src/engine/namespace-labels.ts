import type { Reason } from '@verify-images/attestor-evaluator'
import { isJsonObject, messageOf } from '@verify-images/primitives'
import type { AdmissionRequest } from '../request/admission-request.ts'
import { stringMapField } from '../request/typed-field.ts'
import type { CheckedReader } from '../kubernetes.ts'

export type NamespaceLabels = { readonly labels: Readonly<Record<string, string>> } | { readonly failure: Reason }

/**
 * Returns the labels of the object's namespace: those of the request, else those in the cluster.
 *
 * Labels that cannot be read are a failure, never "no labels": a policy that selects by them would silently not apply
 * (S21).
 */
export async function namespaceLabels(
  request: AdmissionRequest,
  kubernetes: CheckedReader | undefined,
  signal: AbortSignal,
): Promise<NamespaceLabels> {
  const { namespace } = request
  if (request.namespaceLabels !== undefined) return { labels: request.namespaceLabels }
  if (namespace === '') return { labels: {} }
  if (kubernetes === undefined)
    return failure(`the labels of namespace \`${namespace}\` are needed: pass \`namespaceLabels\` or \`kubernetes\``)
  try {
    const found = await kubernetes.read('Namespace', undefined, namespace, signal)
    const metadata = found?.['metadata']
    const labels = isJsonObject(metadata) ? metadata['labels'] : undefined
    if (found === undefined) return failure(`namespaces "${namespace}" not found`)
    // Kubernetes gives every namespace the label kubernetes.io/metadata.name.
    if (!isJsonObject(labels)) return failure(`namespace \`${namespace}\` has no labels`)
    return { labels: stringMapField(labels, `labels of namespace \`${namespace}\``) ?? {} }
  } catch (error) {
    return failure(messageOf(error))
  }
}

function failure(message: string): NamespaceLabels {
  return { failure: { code: 'VERIFIER_NAMESPACE_UNAVAILABLE', message, difference: 'S21' } }
}
