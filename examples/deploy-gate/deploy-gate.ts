// The last step of a pipeline. Build, sign and attest have left an image in the registry; the gate hands on exactly what
// it has verified, pinned to its digest, or says what is missing.
import { createImageVerifier, explain, parsePolicies, type ImageVerifierOptions } from '@verify-images/core'
import { githubWorkflow } from '@verify-images/testing'

/** The workflow that may release. */
export const RELEASE: ReturnType<typeof githubWorkflow> = githubWorkflow({
  repository: 'acme/shop',
  workflow: 'release.yml',
  ref: 'refs/heads/main',
})

const keyless = `keyless: { subject: '${RELEASE.subject}', issuer: '${RELEASE.issuer}', rekor: { url: https://rekor.sigstore.dev } }`

/** What a release needs: a signature of the workflow, and its scan without critical findings. */
export const POLICY: string = `
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: { name: released }
spec:
  validationFailureAction: Enforce
  background: false
  rules:
    - name: by-workflow
      match: { any: [{ resources: { kinds: [Pod] } }] }
      verifyImages:
        - imageReferences: ['registry.test/shop/*']
          attestors: [{ entries: [{ ${keyless} }] }]
          attestations:
            - type: https://cosign.sigstore.dev/attestation/vuln/v1
              attestors: [{ entries: [{ ${keyless} }] }]
              conditions:
                - all:
                    - key: '{{ scanner.result.criticalCount }}'
                      operator: Equals
                      value: 0
                      message: 'critical findings: {{ scanner.result.criticalCount }}'
`

export type Gate =
  | { readonly kind: 'open'; readonly reference: string }
  /** Another build may pass, the same one never. */
  | { readonly kind: 'closed'; readonly why: string }
  /** The registry or the trust root could not be read: try again. */
  | { readonly kind: 'unknown'; readonly why: string }

type Connections = Pick<ImageVerifierOptions, 'registry' | 'trust' | 'clock'>

/** Asks whether an image may be deployed. */
export async function deployGate(image: string, connections: Connections): Promise<Gate> {
  const verifier = createImageVerifier({ policies: parsePolicies(POLICY), unmatched: 'refuse', ...connections })
  const verdict = await verifier.verifyImage(image)
  if (verdict.admitted) return { kind: 'open', reference: verdict.reference }
  const kind = verdict.outcome === 'inconclusive' ? 'unknown' : 'closed'
  return { kind, why: explain(verdict) }
}
