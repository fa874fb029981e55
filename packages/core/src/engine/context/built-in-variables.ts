import type { ExtractedImage, ImageReference } from '@verify-images/image-matcher'
import type { Json, JsonObject } from '@verify-images/primitives'
import type { AdmissionRequest } from '../../request/admission-request.ts'
import { objectOf } from '../../request/copy-json.ts'
import { requestVariable } from './request-variable.ts'

/** Reserved names: a signed predicate with a member `request` must not pass for the request (S16). */
export const RESERVED_VARIABLES: readonly string[] = [
  'request',
  'images',
  'image',
  'serviceAccountName',
  'serviceAccountNamespace',
  'element',
  'elementIndex',
  'target',
]

/** Returns the variables that exist before any context entry. `object` is the object as patched by earlier rules. */
export function builtInVariables(
  request: AdmissionRequest,
  object: JsonObject | undefined,
  images: readonly ExtractedImage[],
): JsonObject {
  const { username = '' } = request.userInfo ?? {}
  return {
    request: requestVariable(request, object),
    images: imagesVariable(images),
    ...(request.scanned ? {} : serviceAccount(username)),
  }
}

/** Returns `images.<group>.<key>`, for the images that Kyverno finds. */
function imagesVariable(images: readonly ExtractedImage[]): JsonObject {
  const groups = new Map<string, [string, Json][]>()
  for (const { group, key, pointer, reference } of images.filter(({ seenByKyverno }) => seenByKyverno)) {
    const members = groups.get(group) ?? []
    members.push([key, { ...withoutEmpty(reference), jsonPointer: pointer }])
    groups.set(group, members)
  }
  return objectOf([...groups].map(([group, members]) => [group, objectOf(members)] as const))
}

function withoutEmpty({
  registry,
  name,
  path,
  tag,
  digest,
  reference,
  referenceWithTag,
}: ImageReference): Record<string, string> {
  const optional = { registry, tag, digest, reference, referenceWithTag }
  return { name, path, ...Object.fromEntries(Object.entries(optional).filter(([, text]) => text !== '')) }
}

/** Returns `image`, for the image that is verified. All members exist; they may be empty. */
export function imageVariable({
  registry,
  name,
  path,
  tag,
  digest,
  reference,
  referenceWithTag,
}: ImageReference): JsonObject {
  return { reference, referenceWithTag, registry, path, name, tag, digest }
}

const SERVICE_ACCOUNT_PREFIX = 'system:serviceaccount:'

/** Returns the variables of a service account. As in Kyverno, the length of the prefix is cut off, whatever it is. */
function serviceAccount(username: string): JsonObject {
  const parts = username.slice(SERVICE_ACCOUNT_PREFIX.length).split(':')
  const [namespace = '', name] = parts
  return name === undefined
    ? { serviceAccountName: '', serviceAccountNamespace: '' }
    : { serviceAccountName: name, serviceAccountNamespace: namespace }
}
