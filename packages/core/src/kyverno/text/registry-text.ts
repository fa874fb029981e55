import type { Reason, RegistryDetail } from '@verify-images/primitives'
import type { FailureText } from './present-failure.ts'

/** Returns go-containerregistry's words for what a registry answered, or for how a request failed. */
export function registryText(_detail: RegistryDetail, { message }: Reason): FailureText {
  return { text: message, isNetworkError: false }
}
