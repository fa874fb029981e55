// Two machines: one with a network verifies Pods and writes what it read to a folder; the other one has only the folder.
import { createImageVerifier, openSnapshot, parsePolicies, type ResourceVerdict } from '@verify-images/core'
import type { RegistryClient } from '@verify-images/core'

export interface Online {
  readonly policies: string
  readonly registry: RegistryClient
  readonly objects: readonly object[]
}

/** Verifies objects, and writes what that took to a folder. */
export async function writeSnapshot({ policies, registry, objects }: Online, folder: string): Promise<void> {
  const verifier = createImageVerifier({ policies: parsePolicies(policies), registry })
  await verifier.snapshot(objects, folder)
}

/** Verifies an object by what is in the folder, and opens no connection. */
export async function verifyOffline(policies: string, object: object, folder: string): Promise<ResourceVerdict> {
  const verifier = createImageVerifier({ policies: parsePolicies(policies), ...(await openSnapshot(folder)) })
  return verifier.verifyResource(object)
}
