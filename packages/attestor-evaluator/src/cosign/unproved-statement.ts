import { CheckError, checkErrorOf, payloadsInMemory } from '@verify-images/primitives'
import { type Certificate, CertificateError, parseCertificate } from '@verify-images/x509'
import type { AttestationRequest } from '../signature-verifier.ts'
import { verifySignature, type VerificationKey } from '../keys/verification-key.ts'
import { certifiedKey, loadGeneralTrust } from './attestor-trust.ts'
import { annotationNames, parseIntermediates } from './candidate.ts'
import { type DsseEnvelope, parseEnvelope } from './envelope.ts'
import type { FetchedLayer } from './fetch-candidates.ts'
import { findIssuers } from './signing-certificate.ts'
import { readStatement } from './statement.ts'
import { type CandidateCheck, isRequiredSigner } from './verify-candidate.ts'

/** Reads that say what is wrong with the content that the required signer signed, or with who signed it. */
const readCodes: ReadonlySet<string> = new Set(['ATTESTOR_PAYLOAD_MISMATCH', 'ATTESTOR_IDENTITY_MISMATCH'])

/**
 * Returns the error for a statement that did not verify, if it may be one of the wanted type by the required signer.
 *
 * The certificate, the log entry and the timestamp of an attestation are in annotations, which are not signed. Where
 * they are lost or changed, the statement does not count, but it may still be the one that rejects. Statements of
 * other signers are skipped as before: their signatures are not by the required signer.
 *
 * @returns undefined for a statement that cannot say no
 */
export async function unprovedStatement(
  error: unknown,
  layer: FetchedLayer,
  request: AttestationRequest,
  check: CandidateCheck,
): Promise<CheckError | undefined> {
  const found = checkErrorOf(error)
  if (found === undefined || found.inconclusive || readCodes.has(found.code)) return undefined
  try {
    if (!(await mayBeByRequiredSigner(layer, request, check))) return undefined
  } catch (cause) {
    if (checkErrorOf(cause)?.inconclusive !== true) throw cause
  }
  return new CheckError(
    'ATTESTOR_STATEMENT_UNREADABLE',
    `a statement by the required signer cannot be verified: ${found.message}`,
    { ...found.details, difference: 'att-unproved-statement', cause: error },
  )
}

async function mayBeByRequiredSigner(
  { layer, payload }: FetchedLayer,
  request: AttestationRequest,
  check: CandidateCheck,
): Promise<boolean> {
  const envelope = await readEnvelope(payload, check)
  if (envelope === undefined) return false
  const key = await keyOfRequiredSigner(layer.annotations, check)
  if (key === 'unknown') return true
  if (key === undefined || !(await isSigned(key, envelope, layer.descriptor.digest, check))) return false
  return concerns(envelope, request, check)
}

/** Returns the key of the required signer; undefined for another signer; `unknown` if the certificate is damaged. */
async function keyOfRequiredSigner(
  annotations: ReadonlyMap<string, string>,
  check: CandidateCheck,
): Promise<VerificationKey | undefined | 'unknown'> {
  const { trust, run, work } = check
  const { signer } = trust
  if (signer.kind !== 'certified') return signer.key
  const pem = annotations.get(annotationNames.certificate)
  // A statement that is signed with a key has no certificate.
  if (!pem) return undefined
  const certificate = readOrNothing(() => parseCertificate(pem))
  if (certificate === undefined) return 'unknown'
  if (!isRequiredSigner({ certificate }, check)) return undefined
  const authorities =
    signer.authorities ?? (await loadGeneralTrust(run, 'certificate-authorities')).certificateAuthorities
  const chain = annotations.get(annotationNames.chain)
  let intermediates: readonly Certificate[]
  try {
    intermediates = await parseIntermediates(chain ? { chain } : {}, work)
  } catch (error) {
    if (checkErrorOf(error) === undefined) throw error
    return 'unknown'
  }
  try {
    await findIssuers(certificate, intermediates, authorities, work)
  } catch (error) {
    if (checkErrorOf(error)?.inconclusive !== false) throw error
    return undefined
  }
  return certifiedKey(certificate.publicKey)
}

async function isSigned(
  key: VerificationKey,
  { signedBytes, signatures }: DsseEnvelope,
  artifact: string,
  { run, work }: CandidateCheck,
): Promise<boolean> {
  for (const signature of signatures) {
    try {
      await verifySignature(key, signedBytes, signature, run.memo, `envelope ${artifact}`, work)
      return true
    } catch (error) {
      if (checkErrorOf(error)?.inconclusive !== false) throw error
    }
  }
  return false
}

/** Returns whether a signed envelope has a statement of the wanted type about the image, or one that cannot be read. */
async function concerns(
  { payload }: DsseEnvelope,
  { predicateType }: AttestationRequest,
  { digest, run }: CandidateCheck,
): Promise<boolean> {
  try {
    const read = await (run.payloads ?? payloadsInMemory).read(payload, 'predicate', 'the statement')
    return readStatement(read, digest).type === predicateType
  } catch (error) {
    if (!(error instanceof CheckError)) throw error
    return error.code !== 'ATTESTOR_PAYLOAD_MISMATCH'
  }
}

/** Returns undefined for bytes that are not an envelope. */
async function readEnvelope(payload: Uint8Array, { run }: CandidateCheck): Promise<DsseEnvelope | undefined> {
  try {
    return await parseEnvelope(payload, run.signal)
  } catch (error) {
    if (checkErrorOf(error)?.inconclusive !== false) throw error
    return undefined
  }
}

/** Returns undefined for what cannot be read. */
function readOrNothing<Value>(read: () => Value): Value | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof CheckError || error instanceof CertificateError) return undefined
    throw error
  }
}
