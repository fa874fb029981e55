/** Items in one page of a list. The API server's own clients use the same. */
export const LIST_PAGE_ITEMS = 500
/** Objects of one kind that are kept in memory. A cluster with more is one to read from directly. */
export const MAX_CACHED_OBJECTS = 100_000
/** Bytes of one answer of the API server: a page of objects, each below the 1.5 MiB of etcd, is far below. */
export const MAX_ANSWER_BYTES: number = 64 * 1024 * 1024
/** JSON tokens of one answer: a page of 500 large Pods has about half a million. */
export const MAX_ANSWER_TOKENS = 2_000_000
/** Nesting of an answer, in levels. Kubernetes objects nest about 20 deep, schemas of custom resources about 60. */
export const MAX_ANSWER_DEPTH = 200
/** Bytes of one line of a watch: one object with JSON escapes. */
export const MAX_EVENT_BYTES: number = 16 * 1024 * 1024
/** Seconds after which the API server ends a watch, so that a new token is used and load is spread. */
export const WATCH_SECONDS = 290
/**
 * How long a watch may be silent. The API server sends a bookmark about once a minute, so a longer silence is a cut.
 */
export const WATCH_IDLE_MS = 120_000
/** How often all objects are listed again, even if the watch reported no change. */
export const RESYNC_MS = 600_000
/** How long objects in memory are used although the API server cannot be reached. */
export const STALE_MS = 300_000
/** The wait before the second attempt to reach the API server; it doubles with each failure. */
export const RETRY_MIN_MS = 200
/** The longest wait between two attempts. */
export const RETRY_MAX_MS = 30_000
/** A watch that ends sooner counts as a failure, so that a server that ends every watch is not asked all the time. */
export const SHORT_WATCH_MS = 1_000
/** How long changes are collected before policies are compiled: `kubectl apply` writes many objects at once. */
export const SETTLE_MS = 100
/** How often a folder of policies is read. Kubelet updates a mounted ConfigMap within about a minute. */
export const FOLDER_RELOAD_MS = 10_000
/** Files in a folder of policies. */
export const MAX_POLICY_FILES = 1_000
/** Bytes of one policy file: the parser's own limit, checked before the file is read. */
export const MAX_POLICY_FILE_BYTES: number = 4 * 1024 * 1024
/** Milliseconds for one request to a service that a policy calls. */
export const SERVICE_CALL_MS = 10_000
/** Bytes of an answer of a service. */
export const MAX_SERVICE_ANSWER_BYTES: number = 2 * 1024 * 1024
/** How long Secrets that hold the credentials of the webhook itself are used before they are read again. */
export const PULL_SECRETS_MS = 60_000
/** How long the answer of an `apiCall` of a GlobalContextEntry is used if the entry does not say; as in Kyverno. */
export const ENTRY_REFRESH_MS = 600_000
/** The shortest refresh interval of a GlobalContextEntry that is honoured. */
export const MIN_ENTRY_REFRESH_MS = 1_000
/** Broken policies for which an Event is written after a change. */
export const MAX_EVENTS = 20
/** Characters of the note of an Event. The API server allows 1024 bytes, and a character has up to three. */
export const MAX_EVENT_NOTE = 340
/** Milliseconds for one request that writes an Event. */
export const EVENT_WRITE_MS = 5_000
