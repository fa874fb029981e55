import { type Certificate, type GeneralName, TAG } from '@verify-images/x509'

/** A subject alternative name that can be an identity. */
export interface IdentityName {
  readonly kind: 'email' | 'uri' | 'other'
  readonly text: string
}

/** The otherName type in which Fulcio certifies user names that are not e-mail addresses. */
const FULCIO_USERNAME = '1.3.6.1.4.1.57264.1.7'

/**
 * Returns the names that can be an identity: e-mail addresses, URIs and Fulcio's user names.
 *
 * A DNS name or an IP address of the same text is not one. Fulcio defines its user name as a UTF8String; the same bytes
 * in another string type could be read as different names by different verifiers, so they are not one either.
 */
export function identityNames({ subjectAltNames }: Certificate): readonly IdentityName[] {
  return subjectAltNames.flatMap((name): readonly IdentityName[] => {
    if (name.kind === 'email' || name.kind === 'uri') return [{ kind: name.kind, text: name.text }]
    return isUsername(name) && hasUtf8Value(name) ? [{ kind: 'other', text: name.text }] : []
  })
}

/** Returns Fulcio's user names in a string type that Fulcio does not define, which Kyverno reads as identities. */
export function mistypedUsernames({ subjectAltNames }: Certificate): readonly string[] {
  return subjectAltNames.flatMap((name) => (isUsername(name) && !hasUtf8Value(name) ? [name.text] : []))
}

/** Returns all names that have a text, in the order in which Kyverno prints them. */
export function subjectNames({ subjectAltNames }: Certificate): readonly string[] {
  return subjectAltNames.flatMap((name) => ('text' in name && name.text !== undefined ? [name.text] : []))
}

type Username = Extract<GeneralName, { readonly kind: 'other' }> & { readonly text: string }

function isUsername(name: GeneralName): name is Username {
  return name.kind === 'other' && name.oid === FULCIO_USERNAME && name.text !== undefined
}

function hasUtf8Value({ value }: Username): boolean {
  return value[0] === TAG.UTF8_STRING
}
