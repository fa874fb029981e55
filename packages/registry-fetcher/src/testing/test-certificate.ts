import { generateKeyPairSync, sign } from 'node:crypto'
import { isIP } from 'node:net'

export interface TestCertificate {
  readonly key: string
  readonly cert: string
}

export interface TestCertificateOptions {
  /** The host name or IPv4 address it is for. */
  readonly host: string
  readonly notBefore?: Date
  readonly notAfter?: Date
}

const OID_ECDSA_SHA256 = '06082a8648ce3d040302'
const OID_COMMON_NAME = '0603550403'
const OID_ALT_NAMES = '0603551d11'

/** A certificate signed by itself, made on the spot: no private key has to be kept anywhere. */
export function createTestCertificate({
  host,
  notBefore = new Date('2020-01-01'),
  notAfter = new Date('2049-01-01'),
}: TestCertificateOptions): TestCertificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const algorithm = der(0x30, hex(OID_ECDSA_SHA256))
  const name = der(0x30, der(0x31, der(0x30, hex(OID_COMMON_NAME), der(0x0c, Buffer.from(host)))))
  const altName = isIP(host) === 4 ? der(0x87, Buffer.from(host.split('.').map(Number))) : der(0x82, Buffer.from(host))
  const body = der(
    0x30,
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([1])),
    algorithm,
    name,
    der(0x30, time(notBefore), time(notAfter)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, der(0x30, der(0x30, hex(OID_ALT_NAMES), der(0x04, der(0x30, altName))))),
  )
  const certificate = der(0x30, body, algorithm, der(0x03, Buffer.from([0]), sign('sha256', body, privateKey)))
  const base64 = certificate.toString('base64').replace(/.{64}/g, '$&\n')
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`,
  }
}

/** Tag, length, content. */
function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts)
  const length =
    content.length < 0x80
      ? [content.length]
      : content.length < 0x100
        ? [0x81, content.length]
        : [0x82, content.length >> 8, content.length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...length]), content])
}

function hex(text: string): Buffer {
  return Buffer.from(text, 'hex')
}

/** UTCTime, which is for years before 2050. */
function time(date: Date): Buffer {
  return der(0x17, Buffer.from(date.toISOString().replace(/^\d\d|[-:T]|\.\d+/g, '')))
}
