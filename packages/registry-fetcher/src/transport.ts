import type { AddressReach } from '@verify-images/primitives'

/** One HTTP exchange, without redirects, retries or decoding: those belong to the callers. */
export interface TransportRequest {
  readonly method: 'GET' | 'POST'
  readonly url: URL
  /** The repository that the request is made for: the repositories of a host share its connections. */
  readonly repository: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
  readonly reach: AddressReach
  /** PEM certificates that are trusted for this host instead of the system's. */
  readonly certificateAuthority?: string
  readonly clientCertificate?: ClientCertificate
  /** Accepts a certificate for another name. */
  readonly acceptAnyName?: boolean
  /** Whether an image, a policy or an option names the host, not only an answer of a server. */
  readonly isNamed?: boolean
  readonly connectMs: number
  readonly idleMs: number
  readonly signal: AbortSignal
}

/** What this client shows of itself in TLS, both in PEM. */
export interface ClientCertificate {
  readonly certificate: string
  readonly key: string
}

export interface TransportAnswer {
  readonly status: number
  /** Returns the value of a header; several headers of one name are joined by commas. */
  header(name: string): string | undefined
  /** The raw body. Leaving the iteration early closes the connection. */
  readonly body: AsyncIterable<Uint8Array>
  /** Closes the connection without reading the body. */
  discard(): void
}

export interface Transport {
  /** @throws TransportFault */
  send(request: TransportRequest): Promise<TransportAnswer>
}

/** When in an exchange the fault occurred: while connecting, while waiting for the answer, or during its body. */
export type TransportStage = 'dial' | 'answer' | 'body'

/** A fault below HTTP, by its system code; `networkError` makes our error of it. */
export class TransportFault extends Error {
  override readonly name = 'TransportFault'
  readonly stage: TransportStage
  readonly systemCode: string
  readonly address: string | undefined
  /** `host[:port]` of the proxy that was contacted instead of the host. */
  readonly proxy: string | undefined

  constructor(
    stage: TransportStage,
    systemCode: string,
    address: string | undefined,
    cause: unknown,
    proxy: string | undefined = undefined,
  ) {
    super(systemCode, { cause })
    this.stage = stage
    this.systemCode = systemCode
    this.address = address
    this.proxy = proxy
  }
}

/** Codes of our own, in addition to the system's. */
export const ABORTED = 'ABORTED'
export const NOT_HTTP = 'NOT_HTTP'
export const TIMED_OUT = 'TIMED_OUT'
export const CLOSED_WITHOUT_ANSWER = 'CLOSED_WITHOUT_ANSWER'
