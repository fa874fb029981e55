export { tufTrust } from './tuf-trust.ts'
export type { TufTrust, TufTrustOptions } from './tuf-trust.ts'
export { githubMirror, sigstoreMirror } from './mirrors.ts'
