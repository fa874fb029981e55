/** What stopped a Cosign signature, attestation or Sigstore bundle, where the code alone does not say enough. */
export type AttestorDetail = never

/** What attestor-evaluator was doing when something inside of it failed. */
export type AttestorStep = never
