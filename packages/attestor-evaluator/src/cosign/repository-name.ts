import { CheckError, messageOf } from '@verify-images/primitives'
import { parseRepositoryName } from '@verify-images/image-matcher'

/**
 * Parses the repository in which a policy keeps its signatures, and returns it as `host[:port]/path`.
 *
 * @throws CheckError ATTESTOR_POLICY_INVALID
 */
export function parseRepository(text: string): string {
  try {
    const { host, path } = parseRepositoryName(text)
    return `${host}/${path}`
  } catch (cause) {
    const problem = messageOf(cause)
    throw new CheckError('ATTESTOR_POLICY_INVALID', `\`${text.slice(0, 80)}\` is not a repository: ${problem}`, {
      cause,
      detail: { kind: 'attestor-repository-name-invalid', repository: text, problem },
    })
  }
}
