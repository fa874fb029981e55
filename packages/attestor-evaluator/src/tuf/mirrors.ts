/** Sigstore's public instance. Its first root comes with the TUF client; no `rootPath` is needed. */
export const sigstoreMirror = 'https://tuf-repo-cdn.sigstore.dev'
/** GitHub's own instance, which signs artifact attestations of private repositories. Its first root has to be given. */
export const githubMirror = 'https://tuf-repo.github.com'
