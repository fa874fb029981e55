import type { TrustMaterial, ValidityWindow } from './trust-material.ts'

/**
 * What of some trust has run out: each sort of authority or log of which none is valid any more.
 *
 * An old root is not wrong, and still vouches for what was signed in its time. It explains why nothing newer verifies.
 */
export function staleTrust(material: TrustMaterial, now: Date): readonly string[] {
  const sorts: readonly (readonly [string, readonly ValidityWindow[]])[] = [
    ['certificate authority', material.certificateAuthorities.map(({ window }) => window)],
    [
      'timestamp authority',
      material.timestampAuthorities.map(({ validUntil }) => (validUntil === undefined ? {} : { end: validUntil })),
    ],
    ['transparency log', material.transparencyLogs.map(({ window }) => window)],
    ['certificate log', material.certificateLogs.map(({ window }) => window)],
  ]
  return sorts.flatMap(([sort, windows]) => {
    const ends = windows.map(({ end }) => end?.getTime() ?? Infinity)
    const last = Math.max(...ends)
    return windows.length > 0 && last < now.getTime()
      ? [`no ${sort} of the trusted root is valid after ${new Date(last).toISOString()}`]
      : []
  })
}
