import { AttestorError, parseDocument } from '@verify-images/attestor-evaluator'
import type { VerificationRun, VerifiedStatement } from '@verify-images/attestor-evaluator'
import { isJsonObject } from '@verify-images/primitives'
import type { ArtifactManifest } from './artifact/artifact-manifest.ts'
import { onlyLayer } from './artifact/artifact-manifest.ts'
import { MAX_PAYLOAD_BYTES } from './limits.ts'

/**
 * The statement of an attestation: its manifest, with `type` and `predicate` as Kyverno adds them where the manifest has
 * none of its own.
 *
 * The one layer must hold a JSON object even where the manifest has a predicate.
 *
 * @throws AttestorError ATTESTOR_PAYLOAD_INVALID, ATTESTOR_LIMIT_EXCEEDED; what the source throws
 */
export async function readAttestationStatement(
  repository: string,
  manifest: ArtifactManifest,
  type: string,
  { source, signal }: Pick<VerificationRun, 'source' | 'signal'>,
): Promise<Omit<VerifiedStatement, 'evidence'>> {
  const layer = onlyLayer(manifest, 'ATTESTOR_PAYLOAD_INVALID', 'predicate')
  const bytes = await source.fetchBlob(repository, layer, MAX_PAYLOAD_BYTES, signal)
  if (bytes.length !== layer.size)
    throw new AttestorError('ATTESTOR_PAYLOAD_INVALID', 'the predicate has another size than the manifest says')
  const content = parseDocument(bytes, 'the predicate', 'ATTESTOR_PAYLOAD_INVALID')
  if (!isJsonObject(content))
    throw new AttestorError('ATTESTOR_PAYLOAD_INVALID', 'the predicate is not a JSON object', {
      upstreamText: 'json: cannot unmarshal value into Go value of type map[string]interface {}',
    })
  const own = new Map(Object.entries(manifest.document))
  const ownType = own.get('type') ?? type
  const predicate = own.get('predicate') ?? content
  if (typeof ownType !== 'string')
    throw new AttestorError('ATTESTOR_PAYLOAD_INVALID', 'the type of the statement is not a text')
  return {
    type: ownType,
    predicate,
    statement: Object.fromEntries([...own, ['type', ownType], ['predicate', predicate]]),
  }
}
