import type { AddressReach } from '@verify-images/primitives'

/** One HTTP exchange, without redirects, retries or decoding: those are decided above. */
export interface TransportRequest {
  readonly method: 'GET' | 'POST'
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
  readonly reach: AddressReach
  /** PEM certificates to trust instead of the system's, for this host. */
  readonly certificateAuthority?: string
  readonly connectMs: number
  readonly idleMs: number
  readonly signal: AbortSignal
}

export interface TransportAnswer {
  readonly status: number
  /** The value of a header, several of one name joined by commas. */
  header(name: string): string | undefined
  /** The raw body. Leaving the iteration early closes the connection. */
  readonly body: AsyncIterable<Uint8Array>
  /** Lets go of the connection without reading the body. */
  discard(): void
}

export interface Transport {
  /** @throws TransportFault */
  send(request: TransportRequest): Promise<TransportAnswer>
}

/** Where in an exchange the fault was: before anything could be said, while waiting, or in the middle of the body. */
export type TransportStage = 'dial' | 'answer' | 'body'

/** A fault below HTTP, still in the words of the machine; {@link networkError} words it. */
export class TransportFault extends Error {
  override readonly name = 'TransportFault'
  readonly stage: TransportStage
  readonly systemCode: string
  readonly address: string | undefined

  constructor(stage: TransportStage, systemCode: string, address: string | undefined, cause: unknown) {
    super(systemCode, { cause })
    this.stage = stage
    this.systemCode = systemCode
    this.address = address
  }
}

/** Codes of our own beside the system's. */
export const ABORTED = 'ABORTED'
export const NOT_HTTP = 'NOT_HTTP'
export const TIMED_OUT = 'TIMED_OUT'
export const CLOSED_WITHOUT_ANSWER = 'CLOSED_WITHOUT_ANSWER'
