import { createHash } from 'node:crypto'
import { der } from './der-writer.ts'
import { makeKeyPair } from './key-pair.ts'
import type { KeyPair } from './key-pair.ts'
import { generalName, makeCertificate } from './make-certificate.ts'
import type { CertificateTemplate, MadeCertificate } from './make-certificate.ts'

/** The content of a timestamp response. Every field defaults to an honest value, and a test can falsify it. */
export interface TimestampOptions {
  readonly genTime?: Date
  readonly imprintHash?: 'sha1' | 'sha256' | 'sha384' | 'sha512'
  /** Replaces the digest of the bytes. */
  readonly imprint?: Uint8Array
  readonly status?: number
  readonly contentType?: string
  readonly signedContentType?: string
  readonly messageDigest?: Uint8Array
  /** The certificate that the signed attributes name; `undefined` for none. */
  readonly names?: MadeCertificate | undefined
  readonly namesBy?: 'v1' | 'v2'
  readonly certificates?: readonly MadeCertificate[]
  /** Return the token without the response around it. */
  readonly bare?: boolean
  readonly nonce?: bigint
  readonly signers?: number
  /** The serial number that identifies the signer. Default: 77, which is that of the leaf. */
  readonly signerSerialNumber?: bigint
  /** Adds issuer and this serial number to the hash that names the signing certificate. */
  readonly namedSerialNumber?: bigint
  /** Further signed attributes. */
  readonly attributes?: readonly Uint8Array[]
  /** The DER of each extension of the TSTInfo. */
  readonly extensions?: readonly Uint8Array[]
}

export interface TestTimestampAuthority {
  readonly root: MadeCertificate
  readonly leaf: MadeCertificate
  /** Makes a TimeStampResp over these bytes. */
  timestamp(bytes: Uint8Array, options?: TimestampOptions): Uint8Array
}

const OID = {
  signedData: '1.2.840.113549.1.7.2',
  tstInfo: '1.2.840.113549.1.9.16.1.4',
  contentType: '1.2.840.113549.1.9.3',
  messageDigest: '1.2.840.113549.1.9.4',
  signingCertificate: '1.2.840.113549.1.9.16.2.12',
  signingCertificateV2: '1.2.840.113549.1.9.16.2.47',
} as const

const HASHES = {
  sha1: '1.3.14.3.2.26',
  sha256: '2.16.840.1.101.3.4.2.1',
  sha384: '2.16.840.1.101.3.4.2.2',
  sha512: '2.16.840.1.101.3.4.2.3',
} as const

/** Creates a timestamp authority with a root, a time-stamping leaf, and honest or falsified timestamps. */
export function makeTimestampAuthority(
  options: { readonly leafKey?: KeyPair; readonly leaf?: Partial<CertificateTemplate> } = {},
): TestTimestampAuthority {
  const rootKey = makeKeyPair()
  const leafKey = options.leafKey ?? makeKeyPair()
  const root = makeCertificate({ subject: 'test timestamp root', key: rootKey, ca: true, keyUsage: ['keyCertSign'] })
  const leaf = makeCertificate({
    subject: 'test timestamp authority',
    issuer: { name: root.name, key: rootKey },
    serialNumber: 77n,
    keyUsage: ['digitalSignature'],
    extendedKeyUsage: ['1.3.6.1.5.5.7.3.8'],
    extendedKeyUsageCritical: true,
    ...options.leaf,
    key: leafKey,
  })
  return {
    root,
    leaf,
    timestamp: (bytes, timestamp = {}): Uint8Array =>
      makeResponse(bytes, { names: leaf, certificates: [leaf], ...timestamp }, { root, key: leafKey }),
  }
}

interface Authority {
  readonly root: MadeCertificate
  readonly key: KeyPair
}

function makeResponse(bytes: Uint8Array, options: TimestampOptions, authority: Authority): Uint8Array {
  const { contentType = OID.tstInfo, certificates = [], signers = 1 } = options
  const content = makeTstInfo(bytes, options)
  const signer = makeSignerInfo(content, options, authority)
  const token = der.sequence(
    der.oid(OID.signedData),
    der.context(
      0,
      'constructed',
      der.sequence(
        der.integer(3),
        der.set(hashAlgorithm('sha256')),
        der.sequence(der.oid(contentType), der.context(0, 'constructed', der.octetString(content))),
        der.context(0, 'constructed', ...certificates.map((certificate) => certificate.der)),
        der.set(...Array.from({ length: signers }, () => signer)),
      ),
    ),
  )
  return options.bare ? token : der.sequence(der.sequence(der.integer(options.status ?? 0)), token)
}

function makeTstInfo(
  bytes: Uint8Array,
  { genTime = new Date(), imprintHash = 'sha256', imprint, nonce, extensions }: TimestampOptions,
): Uint8Array {
  return der.sequence(
    der.integer(1),
    der.oid('1.2.3.4'),
    der.sequence(
      hashAlgorithm(imprintHash),
      der.octetString(imprint ?? createHash(imprintHash).update(bytes).digest()),
    ),
    der.integer(4711),
    der.generalizedTime(genTime),
    der.sequence(der.integer(1), der.context(0, 'primitive', Uint8Array.of(5))),
    ...(nonce === undefined ? [] : [der.integer(nonce)]),
    ...(extensions ? [der.context(1, 'constructed', ...extensions)] : []),
  )
}

function makeSignerInfo(content: Uint8Array, options: TimestampOptions, { root, key }: Authority): Uint8Array {
  const attribute = (oid: string, value: Uint8Array): Uint8Array => der.sequence(der.oid(oid), der.set(value))
  const { names, namesBy = 'v2', signedContentType = OID.tstInfo } = options
  const issuerSerial =
    options.namedSerialNumber === undefined
      ? []
      : [der.sequence(der.sequence(generalName.directory(root.name)), der.integer(options.namedSerialNumber))]
  const id =
    names &&
    der.sequence(
      der.sequence(
        der.sequence(
          der.octetString(
            createHash(namesBy === 'v1' ? 'sha1' : 'sha256')
              .update(names.der)
              .digest(),
          ),
          ...issuerSerial,
        ),
      ),
    )
  const attributes = Buffer.concat([
    attribute(OID.contentType, der.oid(signedContentType)),
    attribute(
      OID.messageDigest,
      der.octetString(options.messageDigest ?? createHash('sha256').update(content).digest()),
    ),
    ...(id ? [attribute(namesBy === 'v1' ? OID.signingCertificate : OID.signingCertificateV2, id)] : []),
    ...(options.attributes ?? []),
  ])
  return der.sequence(
    der.integer(1),
    der.sequence(root.name, der.integer(options.signerSerialNumber ?? 77n)),
    hashAlgorithm('sha256'),
    der.context(0, 'constructed', attributes),
    key.algorithm,
    der.octetString(key.sign(der.set(attributes))),
  )
}

function hashAlgorithm(hash: keyof typeof HASHES): Uint8Array {
  return der.sequence(der.oid(HASHES[hash]), der.null())
}
