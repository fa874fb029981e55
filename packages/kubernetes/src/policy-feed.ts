/** One policy or exception, or one file of them, as it was read. */
export interface PolicyDocument {
  /** For messages: `ClusterPolicy/signed`, or a file name. */
  readonly source: string
  /** YAML or JSON. */
  readonly text: string
}

export interface PolicyDocuments {
  readonly policies: readonly PolicyDocument[]
  readonly exceptions: readonly PolicyDocument[]
}

/** A document that cannot be used. */
export interface BrokenDocument {
  readonly source: string
  readonly message: string
}

/** Hears of what a feed reads. */
export interface FeedListener {
  /** All documents, at the start and after each change. */
  readonly changed: (documents: PolicyDocuments) => void
  /** Why documents cannot be read; undefined once they can. */
  readonly problem: (message: string | undefined) => void
}

/** Where policies come from: `clusterPolicies` or `folderPolicies`. */
export interface PolicyFeed {
  /** Starts to read. @returns ends it */
  readonly start: (listener: FeedListener) => () => void
  /** Tells the author of a broken document, where that is possible. Does not reject. */
  readonly tellAuthor?: (broken: readonly BrokenDocument[]) => Promise<void>
}
