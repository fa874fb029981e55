import type { AttestorEntry, AttestorSet, ImageVerification } from './model.ts'

/**
 * Returns an image entry without the old short forms: `image` among `imageReferences`, and `key`, or else `issuer` with
 * `subject` and `roots`, as an attestor set of its own.
 *
 * Beside attestations that set is added to each of them. Kyverno intends that and loses the set, so that
 * attestations of any signer pass: here the key or identity stays attached.
 *
 * @see Kyverno, api/kyverno/v1: ImageVerification.Convert
 */
export function effectiveEntry(entry: ImageVerification): ImageVerification {
  const { image = '', key = '', issuer = '', subject: _subject, roots: _roots, ...rest } = entry
  if (image === '' && key === '' && issuer === '') return entry
  const { attestors = [], attestations = [] } = entry
  const set = shortForm(entry)
  return {
    ...rest,
    ...(image === '' ? {} : { imageReferences: [...(entry.imageReferences ?? []), image] }),
    ...(set !== undefined && attestations.length === 0 ? { attestors: [...attestors, set] } : {}),
    // Annotations alone name no signer: there is nothing to attach.
    ...(set !== undefined && attestations.length > 0 && (key !== '' || issuer !== '')
      ? {
          attestations: attestations.map((attestation) => ({
            ...attestation,
            attestors: [...(attestation.attestors ?? []), set],
          })),
        }
      : {}),
  }
}

function shortForm({ key = '', issuer = '', subject, roots, annotations }: ImageVerification): AttestorSet | undefined {
  const annotated = annotations !== undefined && Object.keys(annotations).length > 0
  if (key === '' && issuer === '' && !annotated) return undefined
  const entry: AttestorEntry = {
    ...(annotations === undefined ? {} : { annotations }),
    ...(key !== '' ? { keys: { publicKeys: key } } : {}),
    ...(key === '' && issuer !== ''
      ? {
          keyless: { issuer, ...(subject === undefined ? {} : { subject }), ...(roots === undefined ? {} : { roots }) },
        }
      : {}),
  }
  return { entries: [entry] }
}
