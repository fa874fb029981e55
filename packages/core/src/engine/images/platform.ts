import { isJsonObject, type Json } from '@verify-images/primitives'

/** A platform by its normalized names; `variant` is empty for the default one of its architecture. */
export interface Platform {
  readonly os: string
  readonly architecture: string
  readonly variant: string
}

/** Parses `os/architecture` or `os/architecture/variant`; undefined for anything else. */
export function parsePlatform(text: string): Platform | undefined {
  if (!/^[^/\s]+(?:\/[^/\s]+){1,2}$/.test(text)) return undefined
  const [os = '', architecture = '', variant = ''] = text.split('/')
  return normalize(os, architecture, variant)
}

/** Returns the platform that an index states for a child; undefined if it does not state all of it. */
export function statedPlatform(platform: Json | undefined): Platform | undefined {
  if (!isJsonObject(platform)) return undefined
  const [os = '', architecture = '', variant = ''] = [
    platform['os'],
    platform['architecture'],
    platform['variant'],
  ].map((part) => (typeof part === 'string' ? part : ''))
  return os === '' || architecture === '' ? undefined : normalize(os, architecture, variant)
}

/** Returns whether two platforms are one, however they are written. */
export function isSamePlatform(a: Platform, b: Platform): boolean {
  return a.os === b.os && a.architecture === b.architecture && a.variant === b.variant
}

/**
 * Returns whether a runtime on a platform could choose a child.
 *
 * containerd also chooses what an older or smaller processor of the family can run: 386 on amd64, arm on arm64, arm/v6
 * on arm/v7. Which variant of amd64 or arm64 a node has is not known here, so every one of them could be chosen. A
 * child without a complete platform could be chosen anywhere: containerd then reads the platform from the image.
 *
 * @see https://github.com/containerd/platforms/blob/v1.0.0-rc.1/compare.go, `platformVector`
 */
export function couldRunOn(child: Platform | undefined, target: Platform): boolean {
  if (child === undefined) return true
  if (child.os !== target.os) return false
  switch (target.architecture) {
    case 'amd64':
      return child.architecture === 'amd64' || child.architecture === '386'
    case 'arm64':
      return child.architecture === 'arm64' || child.architecture === 'arm'
    case 'arm':
      return child.architecture === 'arm' && !isNewer(child.variant, target.variant)
    default:
      return child.architecture === target.architecture
  }
}

/** Returns whether a variant such as `v7` is newer than another; false for a variant that is not a version. */
function isNewer(variant: string, than: string): boolean {
  const [one, other] = [variant, than].map((each) => Number(/^v(\d{1,2})$/.exec(each)?.[1] ?? Number.NaN))
  return one !== undefined && other !== undefined && one > other
}

/**
 * Normalizes as containerd does, so that no spelling hides a child from verification that a runtime would choose.
 *
 * @see https://github.com/containerd/platforms/blob/v1.0.0-rc.1/database.go, `normalizeOS` and `normalizeArch`
 */
function normalize(os: string, architecture: string, variant: string): Platform {
  const lower = os.toLowerCase()
  return { os: lower === 'macos' ? 'darwin' : lower, ...normalizeArchitecture(architecture, variant) }
}

function normalizeArchitecture(architecture: string, variant: string): Omit<Platform, 'os'> {
  const name = architecture.toLowerCase()
  const version = variant.toLowerCase()
  switch (name) {
    case 'i386':
      return { architecture: '386', variant: '' }
    case 'x86_64':
    case 'x86-64':
    case 'amd64':
      return { architecture: 'amd64', variant: version === 'v1' ? '' : version }
    case 'aarch64':
    case 'arm64':
      return { architecture: 'arm64', variant: arm64Variants.get(version) ?? version }
    case 'armhf':
      return { architecture: 'arm', variant: 'v7' }
    case 'armel':
      return { architecture: 'arm', variant: 'v6' }
    case 'arm':
      return { architecture: 'arm', variant: version === '' ? 'v7' : /^[5-8]$/.test(version) ? `v${version}` : version }
    default:
      return { architecture: name, variant: version }
  }
}

const arm64Variants: ReadonlyMap<string, string> = new Map([
  ['8', ''],
  ['v8', ''],
  ['v8.0', ''],
  ['9', 'v9'],
  ['9.0', 'v9'],
  ['v9.0', 'v9'],
])
