import { AttestorError } from '../attestor-error.ts'

const allowed = 'abcdefghijklmnopqrstuvwxyz0123456789_-./'

/**
 * The repository in which a policy keeps its signatures, as `host[:port]/path`.
 *
 * @throws AttestorError ATTESTOR_POLICY_INVALID
 * @see go-containerregistry, pkg/name
 */
export function readRepositoryName(text: string): string {
  const slash = text.indexOf('/')
  const first = slash < 0 ? '' : text.slice(0, slash)
  const hasHost = first.includes('.') || first.includes(':') || first === 'localhost'
  const host = hasHost ? first : 'index.docker.io'
  const path = hasHost ? text.slice(slash + 1) : text
  const strange = Array.from(path)
    .filter((character) => !allowed.includes(character))
    .join('')
  if (path.length < 2 || path.length > 255)
    throw refuse(text, `repository must be between 2 and 255 characters in length: ${path}`)
  if (strange !== '') throw refuse(text, `repository can only contain the characters \`${allowed}\`: ${strange}`)
  if (!/^[A-Za-z0-9.-]+(?::\d{1,5})?$/.test(host))
    throw refuse(text, `registries must be valid RFC 3986 URI authorities: ${host}`)
  return `${host}/${!hasHost && !path.includes('/') ? `library/${path}` : path}`
}

function refuse(text: string, reason: string): AttestorError {
  return new AttestorError('ATTESTOR_POLICY_INVALID', `\`${text.slice(0, 80)}\` is not a repository`, {
    upstreamText: `failed to parse signature repository ${text}: ${reason}`,
  })
}
