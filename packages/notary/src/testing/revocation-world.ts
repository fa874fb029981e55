import { createHash } from 'node:crypto'
import { TAG, openDer, readOctetsOfBitString } from '@verify-images/x509'
import { der, encodeExtensions } from '@verify-images/testing/internal'
import type { ExtensionTemplate, KeyPair, MadeCertificate } from '@verify-images/testing/internal'

const uri = (url: string): Uint8Array => der.context(6, 'primitive', Buffer.from(url))

/** Returns the extension by which a certificate names its OCSP responders. */
export function accessLocation(...urls: readonly string[]): ExtensionTemplate {
  return {
    oid: '1.3.6.1.5.5.7.1.1',
    value: der.sequence(...urls.map((url) => der.sequence(der.oid('1.3.6.1.5.5.7.48.1'), uri(url)))),
  }
}

/** Returns the extension by which a certificate names its revocation lists. */
export function distributionPoints(...urls: readonly string[]): ExtensionTemplate {
  return {
    oid: '2.5.29.31',
    value: der.sequence(
      ...urls.map((url) => der.sequence(der.context(0, 'constructed', der.context(0, 'constructed', uri(url))))),
    ),
  }
}

export interface Issuer {
  readonly certificate: MadeCertificate
  readonly key: KeyPair
}

export const NOW: Date = new Date('2026-06-01T00:00:00Z')
const YESTERDAY = new Date('2026-05-31T00:00:00Z')
const TOMORROW = new Date('2026-06-02T00:00:00Z')

export interface ListOptions {
  readonly revoked?: readonly { readonly serialNumber: bigint; readonly extensions?: readonly ExtensionTemplate[] }[]
  readonly thisUpdate?: Date
  readonly nextUpdate?: Date | null
  readonly extensions?: readonly ExtensionTemplate[]
  /** Signs instead of the issuer. */
  readonly key?: KeyPair
  readonly name?: Uint8Array
}

/** Creates a revocation list, honest unless told otherwise. */
export function makeList(issuer: Issuer, options: ListOptions = {}): Uint8Array {
  const { revoked = [], thisUpdate = YESTERDAY, nextUpdate = TOMORROW, extensions = [], key = issuer.key } = options
  const entries = revoked.map((entry) =>
    der.sequence(
      der.integer(entry.serialNumber),
      der.time(YESTERDAY),
      ...(entry.extensions ? [encodeExtensions(entry.extensions)] : []),
    ),
  )
  const signed = der.sequence(
    der.integer(1),
    key.algorithm,
    options.name ?? issuer.certificate.name,
    der.time(thisUpdate),
    ...(nextUpdate ? [der.time(nextUpdate)] : []),
    ...(entries.length > 0 ? [der.sequence(...entries)] : []),
    ...(extensions.length > 0 ? [der.context(0, 'constructed', encodeExtensions(extensions))] : []),
  )
  return der.sequence(signed, key.algorithm, der.bitString(key.sign(signed)))
}

export interface AnswerOptions {
  readonly status?: 'good' | 'revoked' | 'unknown'
  readonly responseStatus?: number
  readonly serialNumber?: bigint
  readonly nameHash?: Uint8Array
  readonly thisUpdate?: Date
  readonly nextUpdate?: Date | null
  readonly producedAt?: Date
  readonly extensions?: readonly ExtensionTemplate[]
  readonly singleExtensions?: readonly ExtensionTemplate[]
  /** Signs instead of the issuer. */
  readonly by?: Issuer
  /** Who the answer says it is from, if not the signer. */
  readonly named?: Issuer
  readonly namedBy?: 'name' | 'key'
  readonly certificates?: readonly MadeCertificate[]
  readonly responses?: number
}

const sha1 = (bytes: Uint8Array): Uint8Array => createHash('sha1').update(bytes).digest()

function keyHash({ key }: Issuer): Uint8Array {
  const spki = openDer(key.spki, 'key').enter(TAG.SEQUENCE, 'key')
  spki.read(TAG.SEQUENCE, 'algorithm')
  return sha1(readOctetsOfBitString(spki.read(TAG.BIT_STRING, 'bits'), 'bits'))
}

const STATUS = {
  good: (): Uint8Array => der.context(0, 'primitive'),
  revoked: (): Uint8Array => der.context(1, 'constructed', der.generalizedTime(YESTERDAY)),
  unknown: (): Uint8Array => der.context(2, 'primitive'),
} as const

/** Creates an OCSP response about a certificate of the issuer, honest unless told otherwise. */
export function makeAnswer(issuer: Issuer, serialNumber: bigint, options: AnswerOptions = {}): Uint8Array {
  const {
    thisUpdate = YESTERDAY,
    nextUpdate = TOMORROW,
    producedAt = YESTERDAY,
    extensions = [],
    by = issuer,
    responses = 1,
  } = options
  const id = der.sequence(
    der.sequence(der.oid('1.3.14.3.2.26'), der.null()),
    der.octetString(options.nameHash ?? sha1(issuer.certificate.name)),
    der.octetString(keyHash(issuer)),
    der.integer(options.serialNumber ?? serialNumber),
  )
  const single = der.sequence(
    id,
    STATUS[options.status ?? 'good'](),
    der.generalizedTime(thisUpdate),
    ...(nextUpdate ? [der.context(0, 'constructed', der.generalizedTime(nextUpdate))] : []),
    ...(options.singleExtensions ? [der.context(1, 'constructed', encodeExtensions(options.singleExtensions))] : []),
  )
  const named = options.named ?? by
  const responder =
    options.namedBy === 'key'
      ? der.context(2, 'constructed', der.octetString(keyHash(named)))
      : der.context(1, 'constructed', named.certificate.name)
  const data = der.sequence(
    responder,
    der.generalizedTime(producedAt),
    der.sequence(...Array.from({ length: responses }, () => single)),
    ...(extensions.length > 0 ? [der.context(1, 'constructed', encodeExtensions(extensions))] : []),
  )
  const certificates = options.certificates
    ? [der.context(0, 'constructed', der.sequence(...options.certificates.map((one) => one.der)))]
    : []
  const basic = der.sequence(data, by.key.algorithm, der.bitString(by.key.sign(data)), ...certificates)
  const status = der.element(TAG.ENUMERATED, Uint8Array.of(options.responseStatus ?? 0))
  return der.sequence(
    status,
    der.context(0, 'constructed', der.sequence(der.oid('1.3.6.1.5.5.7.48.1.1'), der.octetString(basic))),
  )
}
