export { githubMirror, sigstoreMirror, tufTrust } from './tuf-trust.ts'
export type { TufTrust, TufTrustOptions } from './tuf-trust.ts'
