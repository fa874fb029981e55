import type { Statement, VerificationRun } from '@verify-images/attestor-evaluator'
import { CheckError, isJsonObject, parseDocument } from '@verify-images/primitives'
import type { ArtifactManifest } from './artifact/artifact-manifest.ts'
import { onlyLayer } from './artifact/artifact-manifest.ts'
import { MAX_PAYLOAD_BYTES } from './limits.ts'

/**
 * Returns the statement of an attestation: its manifest, to which Kyverno adds `type` and `predicate` if the manifest has
 * none of its own.
 *
 * The only layer must hold a JSON object even if the manifest has a predicate.
 *
 * @throws CheckError ATTESTOR_PAYLOAD_INVALID, ATTESTOR_LIMIT_EXCEEDED; what the source throws
 */
export async function readAttestationStatement(
  repository: string,
  manifest: ArtifactManifest,
  type: string,
  { source, signal }: Pick<VerificationRun, 'source' | 'signal'>,
): Promise<Statement> {
  const layer = onlyLayer(manifest, 'ATTESTOR_PAYLOAD_INVALID', 'attestation')
  const bytes = await source.fetchBlob(repository, layer, MAX_PAYLOAD_BYTES, signal)
  if (bytes.length !== layer.size)
    throw new CheckError(
      'ATTESTOR_PAYLOAD_INVALID',
      `size of the predicate: expected ${layer.size} bytes as in the manifest, got ${bytes.length}`,
    )
  const content = parseDocument(bytes, 'the predicate', 'ATTESTOR_PAYLOAD_INVALID')
  if (!isJsonObject(content)) throw new CheckError('ATTESTOR_PAYLOAD_INVALID', 'predicate: expected an object')
  const own = new Map(Object.entries(manifest.document))
  const ownType = own.get('type') ?? type
  const predicate = own.get('predicate') ?? content
  if (typeof ownType !== 'string')
    throw new CheckError('ATTESTOR_PAYLOAD_INVALID', 'type of the statement: expected a string')
  return {
    type: ownType,
    predicate,
    document: Object.fromEntries([...own, ['type', ownType], ['predicate', predicate]]),
  }
}
