export interface ConditionResult {
  readonly holds: boolean
  /** The messages of the conditions that held, or of those that did not; '' if they have none. */
  readonly message: string
}

/** The messages that say something, joined. */
export function joinMessages(messages: readonly string[], separator: string): string {
  return messages.filter((message) => message !== '').join(separator)
}
