import { CheckError } from '@verify-images/primitives'
import { CertificateError, parseCertificates } from '@verify-images/x509'
import type { Certificate } from '@verify-images/x509'
import { isOwnIssuer, isSelfSigned } from '../certificates/certificate-chain.ts'
import { MAX_TRUSTED_CERTIFICATES, MAX_TRUST_STORES } from '../limits.ts'
import { NotaryError, shown } from '../notary-error.ts'
import type { TrustPolicyStatement, TrustStoreType } from './statement.ts'

/** PEM text of named trust stores, one string or an array for each. */
export type TrustStoreTexts = Readonly<
  Partial<Record<TrustStoreType, Readonly<Record<string, string | readonly string[]>>>>
>

/** Certificates by type and name of the store, as in `ca:acme`. */
export type TrustStores = ReadonlyMap<string, readonly Certificate[]>

/** A certificate that is trusted, and the store that holds it. */
export interface TrustedCertificate {
  readonly store: string
  readonly certificate: Certificate
}

/**
 * Parses trust stores.
 *
 * A store holds CAs and self-signed signers; a timestamp store holds root CAs. With any other certificate its author
 * would not know whom it admits.
 *
 * @throws NotaryError NOTARY_TRUST_STORE_INVALID
 * @see Notary Project, trust store and trust policy: Trust Store
 */
export function readTrustStores(texts: TrustStoreTexts): TrustStores {
  const stores = new Map<string, readonly Certificate[]>()
  for (const type of ['ca', 'signingAuthority', 'tsa'] as const) {
    for (const [name, text] of Object.entries(texts[type] ?? {})) {
      const path = `${type}:${name}`
      if (stores.size >= MAX_TRUST_STORES) throw invalid(path, `expected at most ${MAX_TRUST_STORES} trust stores`)
      const certificates = readStore(typeof text === 'string' ? [text] : text, path)
      for (const certificate of certificates) checkStored(certificate, type, path)
      stores.set(path, certificates)
    }
  }
  return stores
}

/**
 * Returns the certificates of the stores of one type that a statement names. Missing stores were rejected with the
 * options.
 */
export function storesOf(
  { trustStores }: TrustPolicyStatement,
  type: TrustStoreType,
  stores: TrustStores,
): readonly TrustedCertificate[] {
  return trustStores
    .filter((store) => store.type === type)
    .flatMap(({ name }) => {
      const store = `${type}:${name}`
      return (stores.get(store) ?? []).map((certificate) => ({ store, certificate }))
    })
}

/**
 * Rejects statements that name a missing store: they would trust less than their author thinks or, for timestamps, use
 * another time.
 *
 * @throws NotaryError NOTARY_TRUST_STORE_INVALID
 */
export function checkStoresExist(statements: readonly TrustPolicyStatement[], stores: TrustStores): void {
  for (const { name: statement, trustStores } of statements) {
    for (const { type, name } of trustStores) {
      if (!stores.has(`${type}:${name}`))
        throw invalid(
          `${type}:${name}`,
          `statement \`${statement}\` names this trust store, which is not in \`trustStores\``,
        )
    }
  }
}

/** Certificates are counted before they are parsed, over all texts of the store. */
function readStore(texts: readonly string[], path: string): readonly Certificate[] {
  const certificates: Certificate[] = []
  for (const pem of texts) {
    const left = MAX_TRUSTED_CERTIFICATES - certificates.length
    if (left === 0) throw invalid(path, `expected at most ${MAX_TRUSTED_CERTIFICATES} certificates, got more`)
    certificates.push(...readCertificates(pem, path, left))
  }
  if (certificates.length === 0) throw invalid(path, 'expected at least one certificate, got none')
  return certificates
}

function readCertificates(pem: string, path: string, maxBlocks: number): readonly Certificate[] {
  try {
    return parseCertificates(pem, { maxBlocks })
  } catch (error) {
    if (error instanceof CertificateError)
      throw new NotaryError('NOTARY_TRUST_STORE_INVALID', path, error.message, { cause: error })
    throw error
  }
}

function checkStored(certificate: Certificate, type: TrustStoreType, path: string): void {
  if (type === 'tsa' ? isOwnIssuer(certificate) : certificate.basicConstraints?.isCa || isSelfSigned(certificate))
    return
  throw invalid(
    path,
    `expected ${type === 'tsa' ? 'a root CA' : 'a CA or a self-signed certificate'}, got certificate \`${shown(certificate.subject.text)}\``,
  )
}

function invalid(path: string, problem: string): NotaryError {
  return new NotaryError('NOTARY_TRUST_STORE_INVALID', path, problem)
}

/**
 * Returns the first trusted certificate of a chain, from the signer upwards.
 *
 * Certificates are equal if their bytes are; names are not compared. Every link of the chain has been verified, so any
 * of its certificates vouches for the signer.
 *
 * @throws CheckError ATTESTOR_CERTIFICATE_UNTRUSTED
 * @see Notary Project, trust store and trust policy: Authenticity
 */
export function findTrusted(chain: readonly Certificate[], trusted: readonly TrustedCertificate[]): TrustedCertificate {
  if (trusted.length === 0) {
    throw new CheckError('ATTESTOR_CERTIFICATE_UNTRUSTED', 'no certificates are trusted for this signing scheme', {
      detail: { kind: 'notary-chain-untrusted', trusted: 'none' },
    })
  }
  for (const { fingerprint } of chain) {
    const found = trusted.find(({ certificate }) => certificate.fingerprint === fingerprint)
    if (found) return found
  }
  throw new CheckError('ATTESTOR_CERTIFICATE_UNTRUSTED', "no certificate of the signer's chain is trusted", {
    actual: chain.at(-1)?.subject.text ?? '',
    detail: { kind: 'notary-chain-untrusted', trusted: 'others' },
  })
}
