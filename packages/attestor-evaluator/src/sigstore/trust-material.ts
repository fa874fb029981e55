import type { Certificate, PublicKey, TimestampAuthority } from '@verify-images/x509'

/** From when until when a key or an authority vouches for anything; both ends belong to it, an absent one is open. */
export interface ValidityWindow {
  readonly start?: Date
  readonly end?: Date
}

/** An authority for signing certificates, with its own window. */
export interface CertificateAuthority {
  readonly uri: string
  readonly roots: readonly Certificate[]
  readonly intermediates: readonly Certificate[]
  readonly window: ValidityWindow
}

/** An authority for timestamps; its window is `validFrom` to `validUntil`. */
export interface TimestampAuthorityTrust extends TimestampAuthority {
  readonly uri: string
}

/** The key of one log, be it of signatures or of certificates. */
export interface LogKey {
  /** What entries and certificates name the log by, in lower-case hex: the SHA-256 of the key, unless the trusted root says otherwise. */
  readonly logId: string
  /** The same for its checkpoints, where that is another one. */
  readonly checkpointKeyId?: string
  /** The host the log signs its checkpoints with, with or without its port; unknown when only a key was given. */
  readonly host?: string
  readonly key: PublicKey
  readonly window: ValidityWindow
}

/** Whom to believe. Nothing in it changes once it is made. */
export interface TrustMaterial {
  readonly certificateAuthorities: readonly CertificateAuthority[]
  readonly timestampAuthorities: readonly TimestampAuthorityTrust[]
  /** Logs of signatures (Rekor). */
  readonly transparencyLogs: readonly LogKey[]
  /** Logs of certificates. */
  readonly certificateLogs: readonly LogKey[]
  /** What its reader should know: entries that were left out, for one. */
  readonly warnings: readonly string[]
}

/** Whether a time lies in a window, its ends included. */
export function isWithin(window: ValidityWindow, time: Date): boolean {
  return (
    (window.start === undefined || window.start.getTime() <= time.getTime()) &&
    (window.end === undefined || time.getTime() <= window.end.getTime())
  )
}
