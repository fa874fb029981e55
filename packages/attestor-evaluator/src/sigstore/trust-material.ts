import type { Certificate, PublicKey, TimestampAuthority } from '@verify-images/x509'

/** When a key or an authority is valid; both ends are included, an absent end is open. */
export interface ValidityWindow {
  readonly start?: Date
  readonly end?: Date
}

/** A certificate authority, with its own validity window. */
export interface CertificateAuthority {
  readonly uri: string
  readonly roots: readonly Certificate[]
  readonly intermediates: readonly Certificate[]
  readonly window: ValidityWindow
  /**
   * Whether its leaves may lack usages, and be CAs: a private authority that a policy names. Fulcio's leaves always
   * have the extended key usage of code signing.
   */
  readonly isPrivate?: boolean
}

/** A timestamp authority; its window is `validFrom` to `validUntil`. */
export interface TimestampAuthorityTrust extends TimestampAuthority {
  readonly uri: string
}

/** The key of a transparency log or a certificate transparency log. */
export interface LogKey {
  /**
   * The id in log entries and SCTs, in lower-case hex: the SHA-256 of the key, unless the trusted root says otherwise.
   */
  readonly logId: string
  /** The id in checkpoints, where it is another one. */
  readonly checkpointKeyId?: string
  /** The host name in checkpoints, with or without its port; unknown when only a key was given. */
  readonly host?: string
  readonly key: PublicKey
  readonly window: ValidityWindow
}

/** The authorities and logs to trust. Immutable. */
export interface TrustMaterial {
  readonly certificateAuthorities: readonly CertificateAuthority[]
  readonly timestampAuthorities: readonly TimestampAuthorityTrust[]
  /** Transparency logs (Rekor). */
  readonly transparencyLogs: readonly LogKey[]
  /** Certificate transparency logs. */
  readonly certificateLogs: readonly LogKey[]
  /** Problems that are no reason to refuse the whole, such as logs with an unsupported kind of key. */
  readonly warnings: readonly string[]
  /** How old it is, where its source knows. */
  readonly origin?: TrustOrigin
}

/** The age of a trust root, and why it is not newer. It is part of the evidence of what was verified with it. */
export interface TrustOrigin {
  /** When the root in use was current, as an ISO 8601 time; absent before the first one. */
  readonly asOf?: string
  /** The last refresh, if it failed. The root before it stays in use. */
  readonly failure?: { readonly at: string; readonly message: string }
}

const identities = new WeakMap<object, number>()
let lastIdentity = 0

/** Returns a name for the authorities and logs of a trust root: another one has other objects, so another name. */
export function trustIdentity(trust: TrustMaterial): string {
  const { certificateAuthorities, timestampAuthorities, transparencyLogs, certificateLogs } = trust
  const parts = [certificateAuthorities, timestampAuthorities, transparencyLogs, certificateLogs]
  return parts
    .map((part) => {
      const identity = identities.get(part) ?? ++lastIdentity
      identities.set(part, identity)
      return String(identity)
    })
    .join(' ')
}

/** Returns whether a time is within a window, its ends included. */
export function isWithinWindow(window: ValidityWindow, time: Date): boolean {
  return (
    (window.start === undefined || window.start.getTime() <= time.getTime()) &&
    (window.end === undefined || time.getTime() <= window.end.getTime())
  )
}

/**
 * Describes each kind of authority or log in a trust root of which none is valid any more.
 *
 * An expired key still verifies what was signed while it was valid. It explains why nothing newer verifies.
 */
export function staleTrust(material: TrustMaterial, now: Date): readonly string[] {
  const kinds: readonly (readonly [string, readonly ValidityWindow[]])[] = [
    ['certificate authority', material.certificateAuthorities.map(({ window }) => window)],
    [
      'timestamp authority',
      material.timestampAuthorities.map(({ validUntil }) => (validUntil === undefined ? {} : { end: validUntil })),
    ],
    ['transparency log', material.transparencyLogs.map(({ window }) => window)],
    ['certificate transparency log', material.certificateLogs.map(({ window }) => window)],
  ]
  return kinds.flatMap(([kind, windows]) => {
    const ends = windows.map(({ end }) => end?.getTime() ?? Infinity)
    const last = Math.max(...ends)
    return windows.length > 0 && last < now.getTime()
      ? [`no ${kind} of the trust root is valid after ${new Date(last).toISOString()}`]
      : []
  })
}
