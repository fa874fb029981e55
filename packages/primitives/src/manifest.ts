import type { Descriptor } from './artifact.ts'
import { isDigest } from './digest.ts'
import { isJsonObject, type Json, type JsonObject, ownMember } from './json.ts'
import { misshapenMember } from './json-form.ts'
import { manifestForm } from './manifest-form.ts'
import { isObject } from './option-table.ts'
import { strictly } from './parse-document.ts'
import { printableText } from './printable-text.ts'
import { CheckError } from './reasons/check-error.ts'
import type { AttestorCode } from './reasons/codes.ts'
import { parseStrictJson, parseStrictJsonInSlices } from './strict-json.ts'

/** A manifest whose content is in layers: cosign's signatures, bundles and Notary signatures are stored this way. */
export interface LayeredManifest {
  readonly document: JsonObject
  /** From the manifest, whose digest has been checked; the artifact type in a referrers listing is a hint. */
  readonly artifactType: string | undefined
  /** The digest of the subject. */
  readonly subject: string | undefined
  readonly layers: readonly Json[]
}

/** What manifests were parsed to; an entry goes with its bytes. */
const known = new WeakMap<Uint8Array, { readonly document: Json } | { readonly problem: SyntaxError }>()

/**
 * Parses a manifest for {@link manifestJson}, and lets the event loop turn between the steps of a large one: a manifest
 * of 1000 signatures has 8 MB.
 *
 * @throws the reason of the signal, when it was aborted
 */
export async function prepareManifest(bytes: Uint8Array, signal: AbortSignal): Promise<void> {
  if (known.has(bytes)) return
  try {
    known.set(bytes, { document: await parseStrictJsonInSlices(bytes, signal) })
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    known.set(bytes, { problem: error })
  }
}

/**
 * Parses a manifest by the strict rules. The same bytes, which nobody writes to, are parsed once.
 *
 * @throws SyntaxError whose message is a short reason, fit to follow `cannot parse <what>: `
 */
export function manifestJson(bytes: Uint8Array): Json {
  const parsed = known.get(bytes) ?? { document: parseStrictJson(bytes, { plainIntegers: true }) }
  if ('problem' in parsed) throw parsed.problem
  known.set(bytes, parsed)
  return parsed.document
}

/**
 * Parses an image manifest.
 *
 * A document that is also an index is refused: two readers would see two contents under one digest. So is one that Go
 * cannot read, or reads otherwise because of the case of a name.
 *
 * @param what names the manifest in messages
 * @throws CheckError with the given code
 * @see OCI image specification, manifest.md
 */
export function parseLayeredManifest(bytes: Uint8Array, what: string, code: AttestorCode): LayeredManifest {
  const document = strictly(what, code, () => manifestJson(bytes))
  const layers = ownMember(document, 'layers') ?? []
  if (!isJsonObject(document) || ownMember(document, 'manifests') !== undefined || !Array.isArray(layers))
    throw new CheckError(code, `${what}: expected an image manifest`)
  const misshapen = misshapenMember(document, manifestForm)
  if (misshapen !== undefined)
    throw new CheckError(
      code,
      `${what}: expected \`${printableText(misshapen, 40)}\` as in the OCI image specification, in spelling and type`,
    )
  // Go reads an empty string as an absent one.
  const artifactType = ownMember(document, 'artifactType') || ownMember(ownMember(document, 'config'), 'mediaType')
  const subject = ownMember(ownMember(document, 'subject'), 'digest')
  return {
    document,
    layers,
    artifactType: typeof artifactType === 'string' ? artifactType : undefined,
    subject: typeof subject === 'string' ? subject : undefined,
  }
}

/**
 * Returns media type, digest and size of a descriptor; undefined if one of them is missing or malformed.
 *
 * The digest must be checkable and the size an exact whole number: beyond 2⁵³ it is no longer the one that was written.
 *
 * @see OCI image specification, descriptor.md
 */
export function readDescriptor(value: unknown): Descriptor | undefined {
  if (!isObject(value)) return undefined
  const [mediaType, digest, size] = ['mediaType', 'digest', 'size'].map((name) =>
    Object.hasOwn(value, name) ? value[name] : undefined,
  )
  const isSize = typeof size === 'number' && Number.isSafeInteger(size) && size >= 0
  return typeof mediaType === 'string' && isDigest(digest) && isSize ? { mediaType, digest, size } : undefined
}
