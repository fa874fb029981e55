import { AttestorError } from '@verify-images/attestor-evaluator'
import { MAX_CRITICAL_NAMES } from '../limits.ts'
import type { SigningScheme } from './envelope.ts'
import { refuseEnvelope } from './refusal.ts'

/** Names of the signed attributes that both forms of envelope share. */
export const ATTRIBUTE = {
  SIGNING_SCHEME: 'io.cncf.notary.signingScheme',
  SIGNING_TIME: 'io.cncf.notary.signingTime',
  AUTHENTIC_SIGNING_TIME: 'io.cncf.notary.authenticSigningTime',
  EXPIRY: 'io.cncf.notary.expiry',
  PLUGIN: 'io.cncf.notary.verificationPlugin',
  PLUGIN_VERSION: 'io.cncf.notary.verificationPluginMinVersion',
} as const

/** Attributes that do not need the signature: only there is their place. */
export const UNSIGNED = {
  TIMESTAMP: 'io.cncf.notary.timestampSignature',
  SIGNING_AGENT: 'io.cncf.notary.signingAgent',
} as const

const understood: ReadonlySet<unknown> = new Set([
  ATTRIBUTE.SIGNING_SCHEME,
  ATTRIBUTE.AUTHENTIC_SIGNING_TIME,
  ATTRIBUTE.EXPIRY,
])
const schemes: ReadonlySet<unknown> = new Set<SigningScheme>(['notary.x509', 'notary.x509.signingAuthority'])

/** Signed attributes by their name or label, and the list of those that must be understood. */
export interface CriticalAttributes {
  readonly names: ReadonlySet<unknown>
  readonly critical: readonly unknown[]
  readonly scheme: SigningScheme
}

/**
 * Checks `crit` both ways: what is in it must be present and understood, and what changes the meaning of a signature must
 * be in it.
 *
 * An attribute that is critical and unknown is refused; upstream only would if a plugin were asked for.
 *
 * @throws AttestorError ATTESTOR_SIGNATURE_INVALID
 * @see Notary Project, signature specification: Signed Attributes
 */
export function checkCriticalAttributes({ names, critical, scheme }: CriticalAttributes): void {
  if (critical.length === 0)
    throw refuseEnvelope('no attribute is marked as critical', { upstreamText: 'missing "crit" header' })
  if (critical.length > MAX_CRITICAL_NAMES || new Set(critical).size !== critical.length)
    throw refuseEnvelope('the list of critical attributes is malformed')
  const absent = critical.find((name) => !names.has(name))
  if (absent !== undefined) {
    throw refuseEnvelope('an attribute is marked as critical and is not there', {
      upstreamText: `${JSON.stringify(String(absent))} header is marked critical but not present`,
    })
  }
  const required = [
    ATTRIBUTE.SIGNING_SCHEME,
    ...(scheme === 'notary.x509.signingAuthority' ? [ATTRIBUTE.AUTHENTIC_SIGNING_TIME] : []),
    ...(names.has(ATTRIBUTE.EXPIRY) ? [ATTRIBUTE.EXPIRY] : []),
  ]
  const unmarked = required.filter((name) => !critical.includes(name))
  if (unmarked.length > 0) {
    throw refuseEnvelope(`\`${unmarked.join('`, `')}\` must be marked as critical`, {
      upstreamText: `these required headers are not marked as critical: [${unmarked.join(' ')}]`,
    })
  }
  // Whether it is marked or not: without its plugin such a signature says less than its signer meant.
  if (names.has(ATTRIBUTE.PLUGIN) || names.has(ATTRIBUTE.PLUGIN_VERSION)) {
    throw refuseEnvelope('the signature asks for a verification plugin, and there are none', {
      upstreamText: 'plugin unsupported due to nil verifier.pluginManager',
    })
  }
  if (critical.some((name) => !understood.has(name))) {
    throw new AttestorError('ATTESTOR_SIGNATURE_INVALID', 'an attribute is marked as critical and is not understood', {
      difference: 'not-critical-attr',
    })
  }
}

/**
 * The signing scheme, and that the attributes of the other scheme are absent.
 *
 * @throws AttestorError ATTESTOR_SIGNATURE_INVALID
 * @see Notary Project, signing scheme
 */
export function checkSigningScheme(scheme: unknown, names: ReadonlySet<unknown>): SigningScheme {
  if (!isSigningScheme(scheme)) {
    throw refuseEnvelope('the signing scheme is unknown', {
      upstreamText: `unsupported SigningScheme: \`${typeof scheme === 'string' ? scheme.slice(0, 64) : ''}\``,
    })
  }
  const foreign = scheme === 'notary.x509' ? ATTRIBUTE.AUTHENTIC_SIGNING_TIME : ATTRIBUTE.SIGNING_TIME
  if (names.has(foreign)) {
    throw refuseEnvelope(`\`${foreign}\` does not belong to the signing scheme \`${scheme}\``, {
      upstreamText: `"${foreign}" header must not be present for ${scheme} signing scheme`,
    })
  }
  return scheme
}

function isSigningScheme(value: unknown): value is SigningScheme {
  return schemes.has(value)
}

/** The attribute that holds the time of signing. */
export function signingTimeAttribute(scheme: SigningScheme): string {
  return scheme === 'notary.x509' ? ATTRIBUTE.SIGNING_TIME : ATTRIBUTE.AUTHENTIC_SIGNING_TIME
}

/**
 * Refuses times that cannot be true.
 *
 * @throws AttestorError ATTESTOR_SIGNATURE_INVALID
 */
export function checkTimes(signingTime: Date, expiry: Date | undefined): void {
  if (expiry && expiry <= signingTime) {
    throw refuseEnvelope('the signature expires before it was made', {
      upstreamText: 'expiry cannot be equal or before the signing time',
    })
  }
}
