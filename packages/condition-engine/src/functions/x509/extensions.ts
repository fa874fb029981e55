import type { Json, JsonObject } from '../../values/json.ts'
import { NO_NAMES, readAlternativeNames } from './alternative-names.ts'
import { bigArcsOf, contextTag, DerReader, malformed, TAG, X509Fault } from './der-reader.ts'
import { fieldsOf, readNameConstraints } from './name-constraints.ts'

export interface Extension {
  readonly id: readonly number[]
  readonly critical: boolean
  readonly value: Buffer
}

/** What an extension fills in; `unhandled` if Go does not understand it whole. */
interface Filled {
  readonly fields: JsonObject
  readonly unhandled?: boolean
}

const UNHANDLED: Filled = { fields: {}, unhandled: true }
const LARGEST_INT64 = 2n ** 63n - 1n

/** The fields of `x509.Certificate` that extensions fill, as they are without any. */
const DEFAULTS: JsonObject = {
  ...NO_NAMES,
  ...fieldsOf('Permitted'),
  ...fieldsOf('Excluded'),
  KeyUsage: 0,
  ExtKeyUsage: null,
  UnknownExtKeyUsage: null,
  BasicConstraintsValid: false,
  IsCA: false,
  MaxPathLen: 0,
  MaxPathLenZero: false,
  SubjectKeyId: null,
  AuthorityKeyId: null,
  OCSPServer: null,
  IssuingCertificateURL: null,
  PermittedDNSDomainsCritical: false,
  CRLDistributionPoints: null,
  PolicyIdentifiers: null,
  Policies: null,
  PolicyMappings: null,
  InhibitAnyPolicy: 0,
  InhibitAnyPolicyZero: false,
  InhibitPolicyMapping: 0,
  InhibitPolicyMappingZero: false,
  RequireExplicitPolicy: 0,
  RequireExplicitPolicyZero: false,
}

const READERS: ReadonlyMap<string, (extension: Extension) => Filled> = new Map([
  ['2.5.29.14', subjectKeyId],
  ['2.5.29.15', keyUsage],
  ['2.5.29.17', alternativeNames],
  ['2.5.29.19', basicConstraints],
  ['2.5.29.30', ({ value, critical }: Extension) => readNameConstraints(value, critical)],
  ['2.5.29.31', distributionPoints],
  ['2.5.29.32', certificatePolicies],
  ['2.5.29.33', policyMappings],
  ['2.5.29.35', authorityKeyId],
  ['2.5.29.36', policyConstraints],
  ['2.5.29.37', extendedKeyUsage],
  ['2.5.29.54', inhibitAnyPolicy],
  ['1.3.6.1.5.5.7.1.1', authorityInfoAccess],
])

/** The position of a purpose is its number in Go. */
const EXTENDED_KEY_USAGES: readonly string[] = [
  '2.5.29.37.0',
  '1.3.6.1.5.5.7.3.1',
  '1.3.6.1.5.5.7.3.2',
  '1.3.6.1.5.5.7.3.3',
  '1.3.6.1.5.5.7.3.4',
  '1.3.6.1.5.5.7.3.5',
  '1.3.6.1.5.5.7.3.6',
  '1.3.6.1.5.5.7.3.7',
  '1.3.6.1.5.5.7.3.8',
  '1.3.6.1.5.5.7.3.9',
  '1.3.6.1.4.1.311.10.3.3',
  '2.16.840.1.113730.4.1',
  '1.3.6.1.4.1.311.2.1.22',
  '1.3.6.1.4.1.311.61.1.1',
]

/** The sequence of extensions. @throws X509Fault if one occurs twice */
export function readExtensions(reader: DerReader): readonly Extension[] {
  const extensions: Extension[] = []
  const seen = new Set<string>()
  const sequence = reader.enter(TAG.sequence, 'extensions')
  while (!sequence.isEmpty) {
    const extension = sequence.enter(TAG.sequence, 'extension')
    const id = extension.readObjectIdentifier('extension OID field')
    if (seen.has(id.join('.')))
      throw new X509Fault(`x509: certificate contains duplicate extension with OID "${id.join('.')}"`)
    seen.add(id.join('.'))
    const critical = extension.isNext(TAG.boolean) && extension.readBoolean('extension critical field')
    extensions.push({ id, critical, value: extension.read(TAG.octetString, 'extension value field').content })
  }
  return extensions
}

/** All fields that extensions fill. */
export function extensionFields(extensions: readonly Extension[]): JsonObject {
  const read = extensions.map((extension) => ({
    extension,
    ...(READERS.get(extension.id.join('.'))?.(extension) ?? UNHANDLED),
  }))
  const unhandled = read
    .filter(({ extension, unhandled: not }) => extension.critical && not === true)
    .map(({ extension }) => [...extension.id])
  return Object.assign(
    {},
    DEFAULTS,
    { UnhandledCriticalExtensions: listed(unhandled) },
    ...read.map(({ fields }) => fields),
  )
}

/** The raw form, as `pkix.Extension`. */
export function extensionJson({ id, critical, value }: Extension): Json {
  return { Id: [...id], Critical: critical, Value: value.toString('base64') }
}

function listed(list: readonly Json[]): Json {
  return list.length === 0 ? null : list
}

function subjectKeyId({ value, critical }: Extension): Filled {
  if (critical) throw new X509Fault('x509: subject key identifier incorrectly marked critical')
  return {
    fields: {
      SubjectKeyId: new DerReader(value).read(TAG.octetString, 'subject key identifier').content.toString('base64'),
    },
  }
}

function authorityKeyId({ value, critical }: Extension): Filled {
  if (critical) throw new X509Fault('x509: authority key identifier incorrectly marked critical')
  const id = new DerReader(value)
    .enter(TAG.sequence, 'authority key identifier')
    .readOptional(contextTag(0), 'authority key identifier')
  return { fields: { AuthorityKeyId: id === undefined ? null : id.content.toString('base64') } }
}

function keyUsage({ value }: Extension): Filled {
  const { bytes } = new DerReader(value).readBitString('key usage')
  let usage = 0
  for (let bit = 0; bit < 9; bit++) if (((bytes[bit >> 3] ?? 0) >> (7 - (bit & 7))) & 1) usage |= 1 << bit
  return { fields: { KeyUsage: usage } }
}

function alternativeNames({ value }: Extension): Filled {
  const names = readAlternativeNames(value)
  return { fields: { ...names }, unhandled: Object.values(names).every((list) => list === null) }
}

function basicConstraints({ value }: Extension): Filled {
  const reader = new DerReader(value).enter(TAG.sequence, 'basic constraints')
  const isAuthority = reader.isNext(TAG.boolean) && reader.readBoolean('basic constraints')
  const length = reader.isNext(TAG.integer) ? reader.readInteger('basic constraints') : -1n
  if (length < -1n || length > LARGEST_INT64) throw malformed('basic constraints')
  return {
    fields: {
      BasicConstraintsValid: true,
      IsCA: isAuthority,
      MaxPathLen: Number(length),
      MaxPathLenZero: length === 0n,
    },
  }
}

function distributionPoints({ value }: Extension): Filled {
  const what = 'CRL distribution point'
  const uris: string[] = []
  const points = new DerReader(value).enter(TAG.sequence, what)
  while (!points.isEmpty) {
    const name = points.enter(TAG.sequence, what).readOptional(contextTag(0, true), what)
    if (name === undefined) continue
    const names = new DerReader(name.content).enter(contextTag(0, true), what)
    while (names.isNext(contextTag(6))) uris.push(names.readAny(what).content.toString())
  }
  return { fields: { CRLDistributionPoints: listed(uris) } }
}

function certificatePolicies({ value }: Extension): Filled {
  const what = 'certificate policies'
  const policies: (readonly bigint[])[] = []
  const reader = new DerReader(value).enter(TAG.sequence, what)
  while (!reader.isEmpty)
    policies.push(bigArcsOf(reader.enter(TAG.sequence, what).read(TAG.objectIdentifier, what).content, what))
  const texts = policies.map((arcs) => arcs.join('.'))
  if (new Set(texts).size < texts.length) throw malformed(what)
  // Identifiers too large for the older field are only in the newer one.
  const small = policies.filter((arcs) => arcs.every((arc) => arc <= 0x7fff_ffffn)).map((arcs) => arcs.map(Number))
  return { fields: { Policies: listed(texts), PolicyIdentifiers: small } }
}

function policyMappings({ value }: Extension): Filled {
  const what = 'policy mappings extension'
  const mappings: Json[] = []
  const reader = new DerReader(value).enter(TAG.sequence, what)
  while (!reader.isEmpty) {
    const mapping = reader.enter(TAG.sequence, what)
    const [issuer, subject] = [mapping, mapping].map((each) =>
      bigArcsOf(each.read(TAG.objectIdentifier, what).content, what).join('.'),
    )
    mappings.push({ IssuerDomainPolicy: issuer ?? '', SubjectDomainPolicy: subject ?? '' })
  }
  return { fields: { PolicyMappings: listed(mappings) } }
}

function policyConstraints({ value }: Extension): Filled {
  const reader = new DerReader(value).enter(TAG.sequence, 'policy constraints extension')
  const required = policyCount(reader, contextTag(0))
  const inhibited = policyCount(reader, contextTag(1))
  return {
    fields: {
      ...(required === undefined ? {} : { RequireExplicitPolicy: required, RequireExplicitPolicyZero: required === 0 }),
      ...(inhibited === undefined
        ? {}
        : { InhibitPolicyMapping: inhibited, InhibitPolicyMappingZero: inhibited === 0 }),
    },
  }
}

function inhibitAnyPolicy({ value }: Extension): Filled {
  const count = policyCount(new DerReader(value), TAG.integer) ?? 0
  return { fields: { InhibitAnyPolicy: count, InhibitAnyPolicyZero: count === 0 } }
}

function policyCount(reader: DerReader, tag: number): number | undefined {
  if (tag !== TAG.integer && !reader.isNext(tag)) return undefined
  const count = reader.readInteger('policy constraints extension', tag)
  if (BigInt.asIntN(64, count) !== count) throw malformed('policy constraints extension')
  return Number(count)
}

function extendedKeyUsage({ value }: Extension): Filled {
  const known: number[] = []
  const unknown: Json[] = []
  const reader = new DerReader(value).enter(TAG.sequence, 'extended key usages')
  while (!reader.isEmpty) {
    const id = reader.readObjectIdentifier('extended key usages')
    const number = EXTENDED_KEY_USAGES.indexOf(id.join('.'))
    if (number >= 0) known.push(number)
    else unknown.push([...id])
  }
  return { fields: { ExtKeyUsage: listed(known), UnknownExtKeyUsage: listed(unknown) } }
}

function authorityInfoAccess({ value, critical }: Extension): Filled {
  const what = 'authority info access'
  if (critical) throw new X509Fault('x509: authority info access incorrectly marked critical')
  const places = new Map([
    ['1.3.6.1.5.5.7.48.1', new Array<string>()],
    ['1.3.6.1.5.5.7.48.2', new Array<string>()],
  ])
  const reader = new DerReader(value).enter(TAG.sequence, what)
  while (!reader.isEmpty) {
    const description = reader.enter(TAG.sequence, what)
    const method = description.readObjectIdentifier(what).join('.')
    const location = description.readOptional(contextTag(6), what)
    if (location !== undefined) places.get(method)?.push(location.content.toString())
  }
  return {
    fields: {
      OCSPServer: listed(places.get('1.3.6.1.5.5.7.48.1') ?? []),
      IssuingCertificateURL: listed(places.get('1.3.6.1.5.5.7.48.2') ?? []),
    },
  }
}
