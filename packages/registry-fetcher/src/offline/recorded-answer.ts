import {
  isDigest,
  isObject,
  registryCodes,
  type Descriptor,
  type Digest,
  type ReferrerListing,
  type RegistryAnswerDetail,
  type RegistryDetail,
  type RegistryFault,
  type RegistryRequest,
  type RegistryTransportDetail,
} from '@verify-images/primitives'
import { decodeDescriptor } from '../descriptor.ts'
import { RegistryError, type RegistryErrorCode } from '../registry-error.ts'

/** What was asked: in which view (the names of credentials), of which repository, for which tag, digest or subject. */
export interface RecordedQuestion {
  readonly of: 'manifest' | 'blob' | 'listing'
  readonly view: string
  readonly repository: string
  readonly name: string
}

/** One answer that a session gave. Content is named by its digest. */
export type RecordedAnswer = RecordedQuestion &
  (
    | { readonly kind: 'content'; readonly digest: Digest; readonly size: number; readonly mediaType: string }
    | { readonly kind: 'not-found'; readonly detail: RegistryAnswerDetail }
    | { readonly kind: 'listing'; readonly listing: ReferrerListing }
    | {
        readonly kind: 'failure'
        readonly code: RegistryErrorCode
        readonly message: string
        readonly status?: number
        readonly detail?: RegistryDetail
      }
  )

export function questionKey({ of, view, repository, name }: RecordedQuestion): string {
  return JSON.stringify([of, view, repository, name])
}

/** Decodes an answer that was written to a file. @throws RegistryError `REGISTRY_RESPONSE_INVALID` */
export function decodeRecordedAnswer(value: unknown): RecordedAnswer {
  if (!isObject(value)) throw invalid()
  const { of, view, repository, name, kind } = value
  if (of !== 'manifest' && of !== 'blob' && of !== 'listing') throw invalid()
  if (typeof view !== 'string' || typeof repository !== 'string' || typeof name !== 'string') throw invalid()
  const question: RecordedQuestion = { of, view, repository, name }
  switch (kind) {
    case 'content': {
      const { digest, size, mediaType } = value
      if (!isDigest(digest) || typeof size !== 'number' || typeof mediaType !== 'string') throw invalid()
      return { ...question, kind, digest, size, mediaType }
    }
    case 'not-found':
      return { ...question, kind, detail: decodeAnswerDetail(value['detail']) }
    case 'listing':
      return { ...question, kind, listing: decodeListing(value['listing']) }
    case 'failure': {
      const { code: written, message, status } = value
      const code = registryCodes.find((known) => known === written)
      if (code === undefined || typeof message !== 'string') throw invalid()
      const detail = decodeDetail(value['detail'])
      return {
        ...question,
        kind,
        code,
        message,
        ...(typeof status === 'number' && { status }),
        ...(detail !== undefined && { detail }),
      }
    }
    default:
      throw invalid()
  }
}

function decodeListing(value: unknown): ReferrerListing {
  if (!isObject(value) || !Array.isArray(value['descriptors'])) throw invalid()
  const { complete, source } = value
  if (typeof complete !== 'boolean' || (source !== 'api' && source !== 'fallback-tag' && source !== 'none'))
    throw invalid()
  const descriptors = value['descriptors'].map((each): Descriptor => {
    const descriptor = decodeDescriptor(each)
    if (descriptor === undefined) throw invalid()
    return descriptor
  })
  return { descriptors, complete, source }
}

function decodeAnswerDetail(value: unknown): RegistryAnswerDetail {
  if (!isObject(value) || !Array.isArray(value['errors'])) throw invalid()
  const { status } = value
  if (typeof status !== 'number') throw invalid()
  const errors = value['errors'].map((each: unknown) => {
    const { code, message } = isObject(each) ? each : {}
    if (typeof code !== 'string' || typeof message !== 'string') throw invalid()
    return { code, message }
  })
  return { kind: 'registry-answer', ...decodeRequest(value), status, errors }
}

/** Other details than these are not recorded: the message of the failure says the same. */
function decodeDetail(value: unknown): RegistryAnswerDetail | RegistryTransportDetail | undefined {
  if (!isObject(value) || value['kind'] === undefined) return undefined
  if (value['kind'] === 'registry-answer') return decodeAnswerDetail(value)
  const { stage, fault: written, systemCode, host, address } = value
  const fault = FAULTS.find((known) => known === written)
  if (value['kind'] !== 'registry-transport' || fault === undefined) return undefined
  if (stage !== 'dial' && stage !== 'answer' && stage !== 'body') throw invalid()
  if (typeof systemCode !== 'string' || typeof host !== 'string') throw invalid()
  return {
    kind: 'registry-transport',
    ...decodeRequest(value),
    stage,
    fault,
    systemCode,
    host,
    ...(typeof address === 'string' && { address }),
  }
}

function decodeRequest({ method, url }: Readonly<Record<string, unknown>>): RegistryRequest {
  if ((method !== 'GET' && method !== 'POST') || typeof url !== 'string') throw invalid()
  return { method, url }
}

const FAULTS = [
  'refused',
  'name-not-found',
  'name-not-resolved',
  'host-unreachable',
  'network-unreachable',
  'connect-timeout',
  'unreachable',
  'reset',
  'broken-pipe',
  'read-timeout',
  'answer-timeout',
  'no-answer',
  'cut-short',
  'not-http',
  'not-tls',
  'expired-certificate',
  'not-yet-valid-certificate',
  'other-name-certificate',
  'untrusted-certificate',
] as const satisfies readonly RegistryFault[]

function invalid(): RegistryError {
  return new RegistryError('REGISTRY_RESPONSE_INVALID', 'invalid snapshot: expected answers as they were recorded')
}
