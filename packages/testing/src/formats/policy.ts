import type { SigningKey } from '../signing-key.ts'

/** Returns a key attestor; without a transparency log unless `trust` says otherwise. */
export function keyAttestor(
  { publicKey }: Pick<SigningKey, 'publicKey'>,
  trust: object = { rekor: { ignoreTlog: true }, ctlog: { ignoreSCT: true } },
): object {
  return { keys: { publicKeys: publicKey, ...trust } }
}

export function keylessAttestor(subject: string, issuer: string, more: object = {}): object {
  return { keyless: { subject, issuer, rekor: { url: 'https://rekor.sigstore.test' }, ...more } }
}

/** Returns an entry of `verifyImages` for all images of `registry.test`. */
export function entryOf(attestor: object, more: object = {}): object {
  return entryOfAll([attestor], more)
}

/** Returns an entry for images that all of these attestors signed. */
export function entryOfAll(attestors: readonly object[], more: object = {}): object {
  return { imageReferences: ['registry.test/*'], attestors: [{ entries: attestors }], ...more }
}

/** Returns an entry that requires an attestation, and a condition on it. */
export function attestedEntry(
  attestor: object,
  type: string,
  condition: object | undefined,
  more: object = {},
): object {
  const conditions = condition === undefined ? {} : { conditions: [{ all: [condition] }] }
  return {
    imageReferences: ['registry.test/*'],
    attestations: [{ type, attestors: [{ entries: [attestor] }], ...conditions }],
    ...more,
  }
}

export interface PolicyParts {
  readonly name?: string
  readonly kinds?: readonly string[]
  readonly rule?: object
  readonly spec?: object
}

export interface PolicyObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string; readonly namespace?: string }
  readonly spec: object
}

/** Returns a ClusterPolicy that enforces, with one rule of these entries of `verifyImages`. */
export function clusterPolicy(
  verifyImages: readonly object[],
  { name = 'signed', kinds = ['Pod'], rule = {}, spec = {} }: PolicyParts = {},
): PolicyObject {
  return {
    apiVersion: 'kyverno.io/v1',
    kind: 'ClusterPolicy',
    metadata: { name },
    spec: {
      validationFailureAction: 'Enforce',
      background: false,
      ...spec,
      rules: [{ name: 'check', match: { any: [{ resources: { kinds } }] }, verifyImages, ...rule }],
    },
  }
}
