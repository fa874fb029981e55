/**
 * Receives names (of objects, policies, rules and images), codes and numbers; never objects of a request, secrets or
 * tokens. A pino logger fits.
 */
export interface WebhookLogger {
  info(fields: Readonly<Record<string, unknown>>, message: string): void
  warn(fields: Readonly<Record<string, unknown>>, message: string): void
  error(fields: Readonly<Record<string, unknown>>, message: string): void
}

/** Creates a logger that writes each entry as one line of JSON, by default to stderr. */
export function jsonLogger(write: (line: string) => void = (line) => void process.stderr.write(line)): WebhookLogger {
  const log =
    (level: string) =>
    (fields: Readonly<Record<string, unknown>>, message: string): void =>
      write(`${JSON.stringify({ level, time: new Date().toISOString(), message, ...fields })}\n`)
  return { info: log('info'), warn: log('warn'), error: log('error') }
}

export const silentLogger: WebhookLogger = { info: () => undefined, warn: () => undefined, error: () => undefined }
