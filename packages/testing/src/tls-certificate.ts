import { isIP } from 'node:net'
import { aDate, type OptionTable } from '@verify-images/primitives'
import { makeKeyPair } from './certificates/key-pair.ts'
import { generalName, makeCertificate } from './certificates/make-certificate.ts'
import { aName, checkOptions } from './check-options.ts'

export interface TlsCertificateOptions {
  /** A host name or an IPv4 address. */
  readonly host: string
  /** Default: 2020-01-01. */
  readonly notBefore?: Date | undefined
  /** Default: 2049-01-01. */
  readonly notAfter?: Date | undefined
}

const tlsCertificateOptions: OptionTable<TlsCertificateOptions> = { host: aName, notBefore: aDate, notAfter: aDate }

/**
 * Makes a key and a self-signed server certificate, both in PEM, for the `tls` option of a loopback registry.
 *
 * @throws RangeError for unknown or missing options
 */
export function createTlsCertificate(options: TlsCertificateOptions): { readonly key: string; readonly cert: string } {
  checkOptions(options, tlsCertificateOptions, { required: ['host'] })
  const { host, notBefore = new Date('2020-01-01'), notAfter = new Date('2049-01-01') } = options
  const key = makeKeyPair()
  const name = isIP(host) === 4 ? generalName.ip(...host.split('.').map(Number)) : generalName.dns(host)
  const { pem } = makeCertificate({ subject: host, key, notBefore, notAfter, subjectAltNames: [name] })
  return { key: key.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), cert: pem }
}
