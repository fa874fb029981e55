import { CertificateError, parseCertificates, verifyIssuedBy, verifySignatureBytes } from '@verify-images/x509'
import type { Certificate } from '@verify-images/x509'
import { MAX_TRUSTED_CERTIFICATES } from '../limits.ts'
import { NotaryError } from '../notary-error.ts'
import type { TrustPolicyStatement, TrustStoreType } from './statement.ts'

/** PEM texts of named trust stores, one text or several for each. */
export type TrustStoreTexts = Readonly<
  Partial<Record<TrustStoreType, Readonly<Record<string, string | readonly string[]>>>>
>

/** Certificates by type and name of the store, such as `ca:acme`. */
export type TrustStores = ReadonlyMap<string, readonly Certificate[]>

/**
 * Reads trust stores.
 *
 * A store holds certificate authorities and signers that signed themselves; those for timestamps hold roots. Of anything
 * else an author would not know whom it lets in.
 *
 * @throws NotaryError NOTARY_TRUST_STORE_INVALID
 * @see Notary Project, trust store and trust policy: Trust Store
 */
export function readTrustStores(texts: TrustStoreTexts): TrustStores {
  const stores = new Map<string, readonly Certificate[]>()
  for (const type of ['ca', 'signingAuthority', 'tsa'] as const) {
    for (const [name, text] of Object.entries(texts[type] ?? {})) {
      const path = `${type}:${name}`
      const certificates = (typeof text === 'string' ? [text] : text).flatMap((pem) => readCertificates(pem, path))
      if (certificates.length === 0 || certificates.length > MAX_TRUSTED_CERTIFICATES)
        throw invalid(path, `has ${certificates.length} certificates`)
      for (const certificate of certificates) checkStored(certificate, type, path)
      stores.set(path, certificates)
    }
  }
  return stores
}

/** The certificates of the stores of one type that a statement names; a store that does not exist is an error of the options. */
export function storesOf(
  { trustStores }: TrustPolicyStatement,
  type: TrustStoreType,
  stores: TrustStores,
): readonly { readonly store: string; readonly certificate: Certificate }[] {
  return trustStores
    .filter((store) => store.type === type)
    .flatMap(({ name }) => {
      const store = `${type}:${name}`
      return (stores.get(store) ?? []).map((certificate) => ({ store, certificate }))
    })
}

/**
 * Refuses statements that name a store nobody handed over: they would trust less than their author thinks, or, for
 * timestamps, other things.
 *
 * @throws NotaryError NOTARY_TRUST_STORE_INVALID
 */
export function checkStoresExist(statements: readonly TrustPolicyStatement[], stores: TrustStores): void {
  for (const { name: statement, trustStores } of statements) {
    for (const { type, name } of trustStores) {
      if (!stores.has(`${type}:${name}`))
        throw invalid(`${type}:${name}`, `the statement \`${statement}\` names this trust store, and there is none`)
    }
  }
}

function readCertificates(pem: string, path: string): readonly Certificate[] {
  try {
    return parseCertificates(pem, { maxBlocks: MAX_TRUSTED_CERTIFICATES })
  } catch (error) {
    if (error instanceof CertificateError)
      throw new NotaryError('NOTARY_TRUST_STORE_INVALID', path, error.message, { cause: error })
    throw error
  }
}

function checkStored(certificate: Certificate, type: TrustStoreType, path: string): void {
  if (type === 'tsa' ? isRoot(certificate) : certificate.basicConstraints?.isCa || isSelfSigned(certificate)) return
  throw invalid(
    path,
    `certificate \`${certificate.subject.text}\` is ${type === 'tsa' ? 'not a root' : 'neither an authority nor self-signed'}`,
  )
}

function isRoot(certificate: Certificate): boolean {
  try {
    verifyIssuedBy(certificate, certificate)
    return true
  } catch {
    return false
  }
}

function isSelfSigned({ publicKey, signatureAlgorithm, tbs, signature, isSelfIssued }: Certificate): boolean {
  return (
    isSelfIssued &&
    signatureAlgorithm !== undefined &&
    verifySignatureBytes(publicKey, signatureAlgorithm, tbs, signature)
  )
}

function invalid(path: string, problem: string): NotaryError {
  return new NotaryError('NOTARY_TRUST_STORE_INVALID', path, problem)
}
