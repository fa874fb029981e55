import {
  isJsonArray,
  type Json,
  manifestJson,
  ownMember,
  printableText,
  readDescriptor,
} from '@verify-images/primitives'
import { MAX_DISCOVERY_CHILDREN } from '../limits.ts'
import type { StoredManifest } from '../ports.ts'
import type { DiscoveredChild } from './discovery.ts'

export interface IndexChildren {
  readonly children: readonly Omit<DiscoveredChild, 'artifacts'>[]
  /** Why some are missing. */
  readonly problem?: string
}

/** Reads the images that an index lists; none for any other manifest. */
export function readIndexChildren({ bytes }: StoredManifest): IndexChildren {
  let document: Json
  try {
    document = manifestJson(bytes)
  } catch (error) {
    return { children: [], problem: `cannot parse the manifest: ${error instanceof SyntaxError ? error.message : ''}` }
  }
  const listed = ownMember(document, 'manifests') ?? []
  if (!isJsonArray(listed)) return { children: [], problem: 'expected `manifests` to be an array' }
  const children = listed.slice(0, MAX_DISCOVERY_CHILDREN).flatMap((child) => readChild(child) ?? [])
  const missing = listed.length - children.length
  return missing === 0 ? { children } : { children, problem: `${missing} of ${listed.length} are not looked at` }
}

function readChild(child: Json): Omit<DiscoveredChild, 'artifacts'> | undefined {
  const descriptor = readDescriptor(child)
  if (descriptor === undefined) return undefined
  const platform = platformText(ownMember(child, 'platform'))
  return { digest: descriptor.digest, ...(platform !== '' && { platform }) }
}

function platformText(platform: Json | undefined): string {
  const parts = ['os', 'architecture', 'variant'].map((name) => ownMember(platform, name))
  return printableText(parts.filter((part) => typeof part === 'string' && part !== '').join('/'), 100)
}
