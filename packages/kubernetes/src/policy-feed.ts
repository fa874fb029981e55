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

/** Callbacks of a feed. */
export interface FeedListener {
  /** Called with all documents, at the start and after each change. */
  readonly changed: (documents: PolicyDocuments) => void
  /** Called with the reason why documents cannot be read, and with undefined once they can. */
  readonly problem: (message: string | undefined) => void
}

/** Where policies come from: `clusterPolicies` or `folderPolicies`. */
export interface PolicyFeed {
  /** Starts reading, and returns a function that ends it. */
  readonly start: (listener: FeedListener) => () => void
  /** Reports broken documents to their authors, where that is possible. Does not reject. */
  readonly reportBroken?: (broken: readonly BrokenDocument[]) => Promise<void>
}
