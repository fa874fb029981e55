import { CertificateError } from './certificate-error.ts'
import { shown } from './shown.ts'

/** Every character a URI may have, and escapes that are whole. */
const URI = /^[a-z][a-z0-9+.-]*:(?:[\w.~:/?#[\]@!$&'()*+,;=-]|%[0-9a-f]{2})*$/i

/**
 * Refuses what is no absolute URI with a plain host name. Upstream reads names of this kind with a URL parser and
 * compares what that prints; with a scheme in small letters, what it prints is what was there.
 *
 * @throws CertificateError CERTIFICATE_MALFORMED
 * @see RFC 5280, 4.2.1.6; RFC 3986
 */
export function checkUri(text: string): void {
  const scheme = text.slice(0, text.indexOf(':') + 1)
  const authority = /^[^:/?#]*:\/\/([^/?#]*)/.exec(text)?.[1] ?? ''
  const host = authority.slice(authority.lastIndexOf('@') + 1)
  // `scheme:` and `scheme:///path` have no host; a host that is empty otherwise would vanish when printed.
  const isHost =
    host === ''
      ? authority === '' && !/:\/\/(?:[?#]|$)/.test(text)
      : host.split('.').every((label) => /^[\w-]+$/.test(label))
  if (URI.test(text) && scheme === scheme.toLowerCase() && isHost) return
  throw new CertificateError('CERTIFICATE_MALFORMED', `subjectAltName: \`${shown(text)}\` is not a URI`, {
    upstreamText: `x509: cannot parse URI ${JSON.stringify(text)}`,
  })
}
