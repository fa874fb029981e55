import type { Json } from '../json.ts'

/** What a registry answered, how a request failed, or why an answer was refused. */
export type RegistryDetail =
  | RegistryAnswerDetail
  | RegistryTransportDetail
  | {
      readonly kind: 'registry-aborted'
      readonly by: 'deadline' | 'caller'
      /** The request that was in progress; absent between requests. */
      readonly request?: RegistryRequest
    }
  | {
      readonly kind: 'registry-digest-mismatch'
      readonly of: 'manifest' | 'blob'
      readonly expected: string
      readonly actual: string
      /** Number of bytes that were read. */
      readonly size: number
      /** `host/path`. */
      readonly repository: string
    }
  | { readonly kind: 'registry-reference-invalid'; readonly reference: string }
  | {
      readonly kind: 'registry-credentials-invalid'
      readonly problem: 'json-cut-short' | 'json-invalid' | 'auth-without-password'
    }

/**
 * A request that was sent.
 *
 * The URL has the scheme, host and path that were requested, without passwords and with foreign query values redacted.
 * For a host that is mapped to an endpoint it is the URL at that endpoint.
 */
export interface RegistryRequest {
  readonly method: 'GET' | 'POST'
  readonly url: string
}

export interface RegistryAnswerDetail extends RegistryRequest {
  readonly kind: 'registry-answer'
  readonly status: number
  /** From the body, if that has the error format of the distribution specification. */
  readonly errors: readonly RegistryAnswerError[]
}

export interface RegistryAnswerError {
  readonly code: string
  readonly message: string
  readonly detail?: Json
}

export interface RegistryTransportDetail extends RegistryRequest {
  readonly kind: 'registry-transport'
  /** While connecting, while waiting for the answer, or during its body. */
  readonly stage: 'dial' | 'answer' | 'body'
  readonly fault: RegistryFault
  /** The system's code of the fault, such as `ECONNREFUSED`. */
  readonly systemCode: string
  /** `host[:port]` as the reference names it. */
  readonly host: string
  /** The address and port of the connection; absent when it is unknown. */
  readonly address?: string
}

/** A fault below HTTP. */
export type RegistryFault =
  | 'refused'
  | 'name-not-found'
  | 'name-not-resolved'
  | 'host-unreachable'
  | 'network-unreachable'
  | 'connect-timeout'
  | 'unreachable'
  | 'reset'
  | 'broken-pipe'
  | 'read-timeout'
  | 'answer-timeout'
  | 'no-answer'
  | 'cut-short'
  | 'not-http'
  | 'not-tls'
  | `tls-alert:${string}`
  | 'expired-certificate'
  | 'not-yet-valid-certificate'
  | 'other-name-certificate'
  | 'untrusted-certificate'
