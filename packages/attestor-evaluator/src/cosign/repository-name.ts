import { parseRepositoryName } from '@verify-images/image-matcher'
import { AttestorError } from '../attestor-error.ts'

/**
 * Parses the repository in which a policy keeps its signatures, and returns it as `host[:port]/path`.
 *
 * @throws AttestorError ATTESTOR_POLICY_INVALID
 */
export function readRepositoryName(text: string): string {
  try {
    const { host, path } = parseRepositoryName(text)
    return `${host}/${path}`
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause)
    throw new AttestorError('ATTESTOR_POLICY_INVALID', `\`${text.slice(0, 80)}\` is not a repository: ${problem}`, {
      cause,
      upstreamText: `failed to parse signature repository ${text}: ${problem}`,
    })
  }
}
