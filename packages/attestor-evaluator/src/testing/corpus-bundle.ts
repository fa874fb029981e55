import { type Digest, type Json, parseDigest } from '@verify-images/primitives'
import { readCorpusText } from './corpus-source.ts'

interface Tagged {
  readonly repositories: Readonly<
    Record<
      string,
      { readonly tags: Readonly<Record<string, string>>; readonly manifests: Readonly<Record<string, unknown>> }
    >
  >
}

/** Returns the first bundle that refers to an image of the corpus, and the image's digest. */
export function readCorpusBundle(tag: string, repository = 'app'): { readonly digest: Digest; readonly text: string } {
  const index = JSON.parse(readCorpusText('registry/index.json')) as Readonly<Record<string, Tagged>>
  const { tags = {}, manifests = {} } = index['registry.local:5000']?.repositories[repository] ?? {}
  const digest = tags[tag]
  const blob = (name: string): string => readCorpusText(`registry/blobs/sha256/${name.slice('sha256:'.length)}`)
  for (const name of Object.keys(manifests)) {
    const text = blob(name)
    if (digest === undefined || !text.includes(`"subject":`) || !text.includes(digest)) continue
    const manifest = JSON.parse(text) as {
      readonly subject?: { readonly digest?: string }
      readonly layers: readonly { readonly digest: string }[]
    }
    const [layer] = manifest.layers
    if (manifest.subject?.digest === digest && layer !== undefined)
      return { digest: parseDigest(digest), text: blob(layer.digest) }
  }
  throw new Error(`no bundle refers to ${tag}`)
}

/** Returns every copy of a document in which one node has been replaced, with the path of that node. */
export function* replaceEachNode(
  document: Json,
  replacements: readonly Json[],
  path = '',
): Generator<{ readonly path: string; readonly document: Json }> {
  for (const replacement of replacements) if (replacement !== document) yield { path, document: replacement }
  if (typeof document !== 'object' || document === null) return
  for (const [name, value] of Object.entries(document) as readonly (readonly [string, Json])[]) {
    for (const changed of replaceEachNode(value, replacements, `${path}/${name}`)) {
      const copy: Json = Array.isArray(document)
        ? document.map((item: Json, i) => (String(i) === name ? changed.document : item))
        : { ...document, [name]: changed.document }
      yield { path: changed.path, document: copy }
    }
  }
}
