import {
  TAG,
  checkValidity,
  contentOf,
  contextTag,
  openDer,
  parseCertificate,
  readExtensions,
  readInteger,
  readOctetsOfBitString,
  readOid,
  readSignatureAlgorithm,
  readTime,
  verifyIssuedBy,
  verifySignatureBytes,
} from '@verify-images/x509'
import type { Certificate, DerCursor, DerElement, SignatureAlgorithm } from '@verify-images/x509'
import { equalBytes } from '@verify-images/primitives'
import { MAX_OCSP_BYTES, MAX_RESPONDER_CERTIFICATES } from '../limits.ts'
import { certificateId, identifies, keyHash } from './certificate-id.ts'
import {
  checkFreshness,
  reading,
  rejectFuture,
  rejectUnknownCritical,
  revocationApplies,
  unknownBecause,
} from './problem.ts'
import type { RevocationRequest } from './revocation-checker.ts'

const BASIC_RESPONSE = '1.3.6.1.5.5.7.48.1.1'
const NONCE = '1.3.6.1.5.5.7.48.1.2'
const OCSP_SIGNING = '1.3.6.1.5.5.7.3.9'
/** Single responses of one OCSP response. Ours is for one certificate. */
const MAX_RESPONSES = 20

/**
 * Returns the status of a certificate from an OCSP response.
 *
 * The response must be signed by the issuer of the certificate or by a responder that the issuer certified, contain
 * this certificate exactly once, and be valid now. Otherwise the status is unknown.
 *
 * @throws CheckError ATTESTOR_REVOCATION_UNKNOWN
 * @see RFC 6960, 3.2 and 4.2
 */
export async function readOcspResponse(bytes: Uint8Array, request: RevocationRequest): Promise<'good' | 'revoked'> {
  return reading(() => {
    const response = readBasicResponse(bytes)
    const data = contentOf(response.data, 'OCSP data')
    data.enterOptional(contextTag(0), 'version')
    const responder = data.next('responder')
    const producedAt = readTime(data.read(TAG.GENERALIZED_TIME, 'production time'), 'production time')
    const responses = data.enter(TAG.SEQUENCE, 'responses').readAll(TAG.SEQUENCE, 'response', MAX_RESPONSES)
    const extensions = data.enterOptional(contextTag(1), 'extensions')?.enter(TAG.SEQUENCE, 'extensions')
    data.end()
    verifyResponder(response, responder, request)
    const listed = extensions ? readExtensions(extensions, 'OCSP data') : new Map<string, never>()
    rejectUnknownCritical(listed, new Set())
    // We send none, so this is the response to another request.
    if (listed.has(NONCE)) throw unknownBecause('the response has a nonce, but none was sent')
    rejectFuture(producedAt, request.now)
    return statusOf(responses, request)
  })
}

interface BasicResponse {
  /** What is signed. */
  readonly data: DerElement
  readonly algorithm: SignatureAlgorithm | undefined
  readonly signature: Uint8Array
  readonly certificates: readonly DerElement[]
}

function readBasicResponse(bytes: Uint8Array): BasicResponse {
  const outer = openDer(bytes, 'OCSP response', { maxBytes: MAX_OCSP_BYTES }).enter(TAG.SEQUENCE, 'response')
  const status = readInteger(outer.read(TAG.ENUMERATED, 'status'))
  if (status !== 0n) throw unknownBecause(`expected OCSP status 0 (successful), got ${status}`)
  const wrapped = outer.enter(contextTag(0), 'bytes').enter(TAG.SEQUENCE, 'bytes')
  outer.end()
  const type = readOid(wrapped.read(TAG.OBJECT_IDENTIFIER, 'type'))
  if (type !== BASIC_RESPONSE) throw unknownBecause('expected a basic OCSP response')
  const basic = openDer(wrapped.read(TAG.OCTET_STRING, 'response').content, 'OCSP response', {
    maxBytes: MAX_OCSP_BYTES,
  }).enter(TAG.SEQUENCE, 'basic response')
  const data = basic.read(TAG.SEQUENCE, 'data')
  const { algorithm } = readSignatureAlgorithm(basic.enter(TAG.SEQUENCE, 'algorithm'))
  const signature = readOctetsOfBitString(basic.read(TAG.BIT_STRING, 'signature'), 'signature')
  const certificates =
    basic
      .enterOptional(contextTag(0), 'certificates')
      ?.enter(TAG.SEQUENCE, 'certificates')
      .readAll(TAG.SEQUENCE, 'certificate', MAX_RESPONDER_CERTIFICATES) ?? []
  basic.end()
  return { data, algorithm, signature, certificates }
}

function verifyResponder(response: BasicResponse, responder: DerElement, { issuer, now }: RevocationRequest): void {
  const signers = [issuer, ...response.certificates.flatMap((der) => delegateOf(der, issuer, now))]
  const named = signers.filter((certificate) => isNamed(responder, certificate))
  const { algorithm } = response
  if (
    algorithm &&
    named.some(({ publicKey }) => verifySignatureBytes(publicKey, algorithm, response.data.raw, response.signature))
  )
    return
  throw unknownBecause('the response is signed neither by the issuer nor by a responder that it certified')
}

/** Returns the certificate if the issuer certified it for signing OCSP responses. @see RFC 6960, 4.2.2.2 */
function delegateOf({ raw }: DerElement, issuer: Certificate, now: Date): readonly Certificate[] {
  try {
    const certificate = parseCertificate(raw)
    verifyIssuedBy(certificate, issuer)
    checkValidity(certificate, now)
    const signs =
      certificate.extendedKeyUsage?.includes(OCSP_SIGNING) && (certificate.keyUsage?.has('digitalSignature') ?? true)
    return signs && !certificate.basicConstraints?.isCa && certificate.unhandledCriticalExtensions.length === 0
      ? [certificate]
      : []
  } catch {
    return []
  }
}

function isNamed({ tag, content }: DerElement, certificate: Certificate): boolean {
  if (tag === contextTag(1)) return equalBytes(content, certificate.subject.raw)
  if (tag !== contextTag(2)) return false
  return equalBytes(openDer(content, 'responder').read(TAG.OCTET_STRING, 'key hash').content, keyHash(certificate))
}

function statusOf(responses: readonly DerElement[], request: RevocationRequest): 'good' | 'revoked' {
  const id = certificateId(request.certificate, request.issuer)
  const [response, ...others] = responses
    .map((element) => contentOf(element, 'OCSP response'))
    .filter((cursor) => identifies(cursor.enter(TAG.SEQUENCE, 'certificate'), id))
  if (!response || others.length > 0) throw unknownBecause('expected exactly one status of this certificate')
  const status = response.next('status')
  const thisUpdate = readTime(response.read(TAG.GENERALIZED_TIME, 'this update'), 'this update')
  const next = response.enterOptional(contextTag(0), 'next update')
  const nextUpdate = next && readTime(next.read(TAG.GENERALIZED_TIME, 'next update'), 'next update')
  const extensions = readSingleExtensions(response)
  checkFreshness(thisUpdate, nextUpdate, request.now)
  if (status.tag === contextTag(0, 'primitive')) {
    rejectUnknownCritical(extensions, new Set())
    return 'good'
  }
  if (status.tag === contextTag(1)) return revocationApplies(extensions, request.signedAt) ? 'revoked' : 'good'
  throw unknownBecause('the responder does not know the certificate')
}

function readSingleExtensions(response: DerCursor): ReturnType<typeof readExtensions> {
  const list = response.enterOptional(contextTag(1), 'extensions')?.enter(TAG.SEQUENCE, 'extensions')
  response.end()
  return list ? readExtensions(list, 'OCSP response') : new Map()
}
