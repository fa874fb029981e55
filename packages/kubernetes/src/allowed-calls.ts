import type { ApiCall } from '@verify-images/core'
import type { OptionKind } from '@verify-images/primitives'

/** `GET /api/v1/namespaces/*\/pods`, where each `*` is one whole segment; without a method it is GET. */
const PATTERN = /^(?:(GET|POST) )?((?:\/[^/?#%\s]+)+)$/

export const anApiCallPattern: OptionKind = {
  expected: 'a path such as `/api/v1/namespaces/*/configmaps`, perhaps behind `POST `',
  fits: (value) => typeof value === 'string' && PATTERN.test(value),
}

export const aServicePattern: OptionKind = {
  expected: 'the URL of a service, such as `https://scanner.security.svc/v1/`',
  fits: (value) => {
    if (typeof value !== 'string' || !URL.canParse(value)) return false
    const { protocol, username, search, hash } = new URL(value)
    return protocol === 'https:' && username === '' && search === '' && hash === ''
  },
}

type OfKubernetes = Extract<ApiCall, { target: 'kubernetes' }>

/**
 * Returns whether one of the patterns allows a call.
 *
 * A policy may build its paths from the object under review, so a `*` never matches a slash, and a path with escapes
 * matches nothing: `a%2Fsecrets` would be two segments for the API server.
 */
export function isAllowedCall(
  patterns: readonly string[],
  { method, path }: Pick<OfKubernetes, 'method' | 'path'>,
): boolean {
  const [plain = ''] = path.split('?', 1)
  if (/[%\\#]/.test(plain)) return false
  const segments = plain.split('/')
  return patterns.some((pattern) => {
    const [, verb = 'GET', allowed = ''] = PATTERN.exec(pattern) ?? []
    const expected = allowed.split('/')
    return (
      verb === method &&
      expected.length === segments.length &&
      expected.every((part, i) => part === segments[i] || (part === '*' && isSegment(segments[i])))
    )
  })
}

function isSegment(part: string | undefined): boolean {
  return part !== undefined && part !== '' && part !== '.' && part !== '..'
}

/** Returns whether a URL is one of the patterns, or below one that ends in a slash. */
export function isAllowedService(patterns: readonly string[], url: string): boolean {
  if (!URL.canParse(url)) return false
  const { origin, pathname, username, password } = new URL(url)
  if (username !== '' || password !== '' || /%2f|%5c/i.test(pathname)) return false
  return patterns.some((pattern) => {
    const allowed = new URL(pattern)
    if (allowed.origin !== origin) return false
    return allowed.pathname.endsWith('/') ? pathname.startsWith(allowed.pathname) : pathname === allowed.pathname
  })
}

const SECRET_PATTERN = /^(?:\*|[a-z0-9.-]+)\/(?:\*|[a-z0-9.-]+)$/

export const aSecretPattern: OptionKind = {
  expected: '`namespace/name`, each part a name or `*`',
  fits: (value) => typeof value === 'string' && SECRET_PATTERN.test(value),
}

/** Returns whether one of the patterns allows a Secret. */
export function isAllowedSecret(patterns: readonly string[], namespace: string, name: string): boolean {
  return patterns.some((pattern) => {
    const [inNamespace, named] = pattern.split('/')
    return (inNamespace === '*' || inNamespace === namespace) && (named === '*' || named === name)
  })
}
