export {
  fetchTrustedRoot,
  githubMirror,
  githubTrust,
  sigstoreMirror,
  sigstorePublicGood,
  tufTrust,
} from './tuf-trust.ts'
export type { GithubTrustOptions, RefreshOptions, TrustStatus, TufTrust, TufTrustOptions } from './tuf-trust.ts'
