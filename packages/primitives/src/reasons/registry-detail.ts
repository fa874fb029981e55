/** What a registry answered, or how a request failed. */
export type RegistryDetail =
  | {
      readonly kind: 'registry-answer'
      readonly method: string
      readonly url: string
      readonly status: number
      /** From the body, where it is the error form of the distribution specification. */
      readonly errors: readonly RegistryAnswerError[]
    }
  | {
      readonly kind: 'registry-transport'
      readonly stage: 'dial' | 'answer' | 'body'
      /** What the system calls the fault, such as `ECONNREFUSED`. */
      readonly systemCode: string
      readonly method: string
      readonly url: string
      /** `host[:port]` as the reference names it. */
      readonly host: string
      readonly address: string
    }

export interface RegistryAnswerError {
  readonly code: string
  readonly message: string
}
