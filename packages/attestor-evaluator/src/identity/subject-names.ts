import type { Certificate } from '@verify-images/x509'

/** The form in which Fulcio certifies user names that are no e-mail addresses. */
const usernameOid = '1.3.6.1.4.1.57264.1.7'

/** The names an identity may be in: e-mail address, URI, and Fulcio's own. A host name or address is nobody. */
export function identityNames(certificate: Certificate): readonly string[] {
  return certificate.subjectAltNames.flatMap((name) => {
    if (name.kind === 'email' || name.kind === 'uri') return [name.text]
    return name.kind === 'other' && name.oid === usernameOid && name.text !== undefined ? [name.text] : []
  })
}

/** All names that have a text, in the order in which Kyverno prints them. */
export function subjectNames(certificate: Certificate): readonly string[] {
  return certificate.subjectAltNames.flatMap((name) => ('text' in name && name.text !== undefined ? [name.text] : []))
}
