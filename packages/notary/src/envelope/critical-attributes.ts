import { MAX_CRITICAL_NAMES } from '../limits.ts'
import { shown } from '../notary-error.ts'
import { invalidEnvelope } from './envelope.ts'
import type { SigningScheme } from './envelope.ts'

/** Names of the signed attributes in both envelope formats. */
export const ATTRIBUTE = {
  SIGNING_SCHEME: 'io.cncf.notary.signingScheme',
  SIGNING_TIME: 'io.cncf.notary.signingTime',
  AUTHENTIC_SIGNING_TIME: 'io.cncf.notary.authenticSigningTime',
  EXPIRY: 'io.cncf.notary.expiry',
  PLUGIN: 'io.cncf.notary.verificationPlugin',
  PLUGIN_VERSION: 'io.cncf.notary.verificationPluginMinVersion',
} as const

/** Attributes that are not signed. */
export const UNSIGNED = {
  TIMESTAMP: 'io.cncf.notary.timestampSignature',
  SIGNING_AGENT: 'io.cncf.notary.signingAgent',
} as const

const supported: ReadonlySet<unknown> = new Set([
  ATTRIBUTE.SIGNING_SCHEME,
  ATTRIBUTE.AUTHENTIC_SIGNING_TIME,
  ATTRIBUTE.EXPIRY,
])
const schemes: ReadonlySet<unknown> = new Set<SigningScheme>(['notary.x509', 'notary.x509.signingAuthority'])

/** The names or labels of the signed attributes, and those that are marked critical. */
export interface CriticalAttributes {
  readonly names: ReadonlySet<unknown>
  readonly critical: readonly unknown[]
  readonly scheme: SigningScheme
}

/**
 * Checks `crit` both ways: its attributes must be present and supported, and attributes that change the meaning of a
 * signature must be in it.
 *
 * An unknown critical attribute is rejected; notation rejects it only if the signature also requires a plugin.
 *
 * @throws CheckError ATTESTOR_SIGNATURE_INVALID
 * @see Notary Project, signature specification: Signed Attributes
 */
export function checkCriticalAttributes({ names, critical, scheme }: CriticalAttributes): void {
  if (critical.length === 0) throw invalidEnvelope('critical attributes: expected at least one')
  if (critical.length > MAX_CRITICAL_NAMES || new Set(critical).size !== critical.length)
    throw invalidEnvelope(`critical attributes: expected at most ${MAX_CRITICAL_NAMES}, each once`)
  const absent = critical.find((name) => !names.has(name))
  if (absent !== undefined) {
    throw invalidEnvelope(`attribute \`${shown(String(absent))}\` is critical but missing`)
  }
  const required = [
    ATTRIBUTE.SIGNING_SCHEME,
    ...(scheme === 'notary.x509.signingAuthority' ? [ATTRIBUTE.AUTHENTIC_SIGNING_TIME] : []),
    ...(names.has(ATTRIBUTE.EXPIRY) ? [ATTRIBUTE.EXPIRY] : []),
  ]
  const unmarked = required.filter((name) => !critical.includes(name))
  if (unmarked.length > 0) {
    throw invalidEnvelope(`attribute \`${unmarked.join('`, `')}\` must be critical`)
  }
  // Critical or not: without its plugin the signature would be checked for less than its signer intended.
  if (names.has(ATTRIBUTE.PLUGIN) || names.has(ATTRIBUTE.PLUGIN_VERSION)) {
    throw invalidEnvelope('the signature requires a verification plugin; plugins are not supported')
  }
  if (critical.some((name) => !supported.has(name))) {
    throw invalidEnvelope('a critical attribute is not supported', { difference: 'not-critical-attr' })
  }
}

/**
 * Returns the signing scheme, after checking that the attributes of the other scheme are absent.
 *
 * @throws CheckError ATTESTOR_SIGNATURE_INVALID
 * @see Notary Project, signing scheme
 */
export function checkSigningScheme(scheme: unknown, names: ReadonlySet<unknown>): SigningScheme {
  if (!isSigningScheme(scheme)) {
    throw invalidEnvelope(`signing scheme: expected \`${[...schemes].join('` or `')}\``)
  }
  const foreign = scheme === 'notary.x509' ? ATTRIBUTE.AUTHENTIC_SIGNING_TIME : ATTRIBUTE.SIGNING_TIME
  if (names.has(foreign)) {
    throw invalidEnvelope(`attribute \`${foreign}\` is not allowed with the signing scheme \`${scheme}\``)
  }
  return scheme
}

function isSigningScheme(value: unknown): value is SigningScheme {
  return schemes.has(value)
}

/** Returns the name of the attribute with the signing time. */
export function signingTimeAttribute(scheme: SigningScheme): string {
  return scheme === 'notary.x509' ? ATTRIBUTE.SIGNING_TIME : ATTRIBUTE.AUTHENTIC_SIGNING_TIME
}

/**
 * Rejects an expiry that is not after the signing time.
 *
 * @throws CheckError ATTESTOR_SIGNATURE_INVALID
 */
export function checkTimes(signingTime: Date, expiry: Date | undefined): void {
  if (expiry && expiry <= signingTime) {
    throw invalidEnvelope('expiry: expected a time after the signing time')
  }
}

const DATE_TIME = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.\d{1,9})?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/

/**
 * Parses an RFC 3339 date and time; `undefined` for any other form, and for a day that is not in the calendar.
 *
 * @see RFC 3339, 5.6
 */
export function parseDateTime(text: string): Date | undefined {
  const match = DATE_TIME.exec(text)
  if (!match) return undefined
  const [, year, month, day, hour, minute, second] = match
  const local = `${year}-${month}-${day}T${hour}:${minute}:${second}.000Z`
  const check = new Date(local)
  // The round trip rejects what is not in the calendar: 30 February, hour 24, second 60.
  if (Number.isNaN(check.getTime()) || check.toISOString() !== local) return undefined
  const time = new Date(text)
  return Number.isNaN(time.getTime()) ? undefined : time
}
