import { parseImageReference, ImageError } from '@verify-images/image-matcher'
import { anything, type OptionKind, type OptionTable } from '@verify-images/primitives'
import type { ResourceRequest } from '../request/admission-request.ts'
import type { Settings } from '../settings.ts'
import type { ImageVerdict, ResourceVerdict } from '../verdict/verdict.ts'
import { checkOptions, VerifierError } from '../verifier-error.ts'
import { verifyResource } from './verify-resource.ts'

/** Describes the Pod that would run the image. */
export interface ImageRequest extends Pick<
  ResourceRequest,
  'signal' | 'deadlineMs' | 'namespaceLabels' | 'userInfo' | 'roles' | 'clusterRoles'
> {
  /** `default` by default. */
  readonly namespace?: string
  readonly labels?: Readonly<Record<string, string>>
}

/** Any other string, such as that of an unset variable, would be a namespace that no rule matches. */
const aNamespace: OptionKind = {
  expected: 'a namespace name',
  fits: (value) => typeof value === 'string' && /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(value),
}

const imageRequestOptions: OptionTable<ImageRequest> = {
  namespace: aNamespace,
  labels: anything,
  namespaceLabels: anything,
  userInfo: anything,
  roles: anything,
  clusterRoles: anything,
  signal: anything,
  deadlineMs: anything,
}

/**
 * Verifies one image as if a Pod ran it: rules that match Pods apply.
 *
 * If the verdict admits, run its `reference`. It is pinned to the digest that was verified, so what was checked is what
 * runs. Otherwise `reference` is the one that was passed in, and `digest` says which image was denied.
 *
 * @throws VerifierError VERIFIER_OPTIONS_INVALID, VERIFIER_RESOURCE_INVALID; the reason of an aborted signal
 */
export async function verifyImage(settings: Settings, text: string, options: ImageRequest): Promise<ImageVerdict> {
  checkOptions(options, imageRequestOptions)
  const { namespace = 'default', labels, ...request } = options
  if (typeof text !== 'string')
    throw new VerifierError('VERIFIER_RESOURCE_INVALID', `image reference: expected a string, got ${typeof text}`)
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'image', namespace, ...(labels === undefined ? {} : { labels }) },
    spec: { containers: [{ name: 'image', image: text }] },
  }
  // No cluster would start an invalid reference, whatever the policies.
  const unmatched = isValidReference(text, settings) ? settings.unmatched : 'refuse'
  const { patches: _patches, images, ...verdict } = await verifyResource({ ...settings, unmatched }, pod, request)
  const [image] = images
  return {
    ...verdict,
    status: statusOf(verdict),
    reference: image?.digest === undefined || !verdict.admitted ? text : pinned(text, image.digest, settings),
    ...(image?.digest === undefined ? {} : { digest: image.digest }),
    evidence: image?.evidence ?? [],
  }
}

function statusOf({ unmatched, outcome }: Pick<ResourceVerdict, 'unmatched' | 'outcome'>): ImageVerdict['status'] {
  if (unmatched) return 'unmatched'
  return outcome === 'accepted' ? 'pass' : outcome === 'rejected' ? 'fail' : 'error'
}

function pinned(text: string, digest: string, { references }: Settings): string {
  const reference = parseImageReference(text, references)
  return reference.digest === '' ? `${reference.reference}@${digest}` : text
}

function isValidReference(text: string, { references }: Settings): boolean {
  try {
    parseImageReference(text, references)
    return true
  } catch (error) {
    if (error instanceof ImageError) return false
    throw error
  }
}
