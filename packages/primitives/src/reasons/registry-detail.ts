import type { Json } from '../json.ts'

/** What a registry answered, how a request failed, or why what came was not taken. */
export type RegistryDetail =
  | RegistryAnswerDetail
  | RegistryTransportDetail
  | {
      readonly kind: 'registry-aborted'
      readonly by: 'deadline' | 'caller'
      /** The request that was under way; absent between requests. */
      readonly request?: RegistryRequest
    }
  | {
      readonly kind: 'registry-digest-mismatch'
      readonly of: 'manifest' | 'blob'
      readonly expected: string
      readonly actual: string
      /** Bytes that were read. */
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
 * A request as it is shown.
 *
 * The URL has the scheme, host and path that were requested, without passwords and foreign query values. Where the host
 * is mapped to an endpoint of the embedder's, it is the URL that the caller asked for: the endpoint stands in for
 * `https://<host>`, and its own address says nothing about the image.
 */
export interface RegistryRequest {
  readonly method: 'GET' | 'POST'
  readonly url: string
}

export interface RegistryAnswerDetail extends RegistryRequest {
  readonly kind: 'registry-answer'
  readonly status: number
  /** From the body, where it is the error form of the distribution specification. */
  readonly errors: readonly RegistryAnswerError[]
}

export interface RegistryAnswerError {
  readonly code: string
  readonly message: string
  readonly detail?: Json
}

export interface RegistryTransportDetail extends RegistryRequest {
  readonly kind: 'registry-transport'
  /** Before the connection stood, while waiting for the answer, or in the middle of its body. */
  readonly stage: 'dial' | 'answer' | 'body'
  readonly fault: RegistryFault
  /** What the system calls the fault, such as `ECONNREFUSED`. */
  readonly systemCode: string
  /** `host[:port]` as the reference names it. */
  readonly host: string
  /** The address of the connection; absent where it is unknown, or that of an endpoint of the embedder's. */
  readonly address?: string
}

/** What went wrong below HTTP. */
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
