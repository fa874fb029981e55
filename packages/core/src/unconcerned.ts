import { extractImages, ImageError } from '@verify-images/image-matcher'
import type { Evaluation } from './evaluation.ts'
import type { Operation } from './request/admission-request.ts'

/**
 * What of an object no policy is about, in words; undefined where there is nothing of the kind.
 *
 * An image counts, and so does an object that may hold images in places nobody knows. Kubernetes' own kinds are known:
 * a Service runs nothing. So does what deletes an object, or connects to it.
 */
export function unconcerned({ request: { operation, object, gvk }, settings, concerned }: Evaluation, anyRule: boolean): string | undefined {
  if (object === undefined || !STARTING.includes(operation)) return undefined
  try {
    const images = extractImages(object, undefined, { settings: settings.references })
    const image = images.find(({ pointer }) => !concerned.has(pointer))
    if (image !== undefined) return `no policy concerns the image ${image.reference.reference} at ${image.pointer}`
    return images.length > 0 || anyRule || isOfKubernetes(gvk.group) ? undefined : 'no policy concerns the object, and nobody knows where its kind has images'
  } catch (error) {
    if (!(error instanceof ImageError)) throw error
    return anyRule ? undefined : `no policy concerns the object, and its images cannot be read: ${error.message}`
  }
}

const STARTING: readonly Operation[] = ['CREATE', 'UPDATE']

/** Groups of custom resources have a dot; those under `k8s.io` are Kubernetes' to give away. */
function isOfKubernetes(group: string): boolean {
  return !group.includes('.') || group.endsWith('.k8s.io')
}
