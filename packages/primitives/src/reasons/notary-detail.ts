/** What stopped a Notary Project signature, where the code alone does not say enough. */
export type NotaryDetail = never

/** What the Notary verifier was doing when something inside of it failed. */
export type NotaryStep = never
