/** What a log gets: names, codes and numbers, never objects of a request, secrets or tokens. pino fits. */
export interface WebhookLogger {
  info(fields: Readonly<Record<string, unknown>>, message: string): void
  warn(fields: Readonly<Record<string, unknown>>, message: string): void
  error(fields: Readonly<Record<string, unknown>>, message: string): void
}

/** Writes one line of JSON for each entry to stderr. */
export function jsonLogger(write: (line: string) => void = (line) => void process.stderr.write(line)): WebhookLogger {
  const log =
    (level: string) =>
    (fields: Readonly<Record<string, unknown>>, message: string): void =>
      write(`${JSON.stringify({ level, time: new Date().toISOString(), message, ...fields })}\n`)
  return { info: log('info'), warn: log('warn'), error: log('error') }
}

export const silentLogger: WebhookLogger = { info: () => undefined, warn: () => undefined, error: () => undefined }
