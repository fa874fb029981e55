import { execFile } from 'node:child_process'
import { isObject, parseStrictJson } from '@verify-images/primitives'
import { abortError } from './abort.ts'
import { credentialsInvalid } from './auth-entry.ts'
import type { CredentialHelperRunner } from './docker-config.ts'
import { MAX_HELPER_OUTPUT_BYTES, MAX_HELPER_MS } from './limits.ts'

/**
 * What helpers print, with an exit code other than 0, for a server without a credential. @see docker-credential-helpers
 */
const NO_CREDENTIAL = 'credentials not found in native keychain'

/**
 * Runs `docker-credential-<helper> get` from `PATH`, without a shell, with the server on its standard input.
 *
 * Its output is never part of a message: it may contain a secret.
 *
 * @throws RegistryError `REGISTRY_CREDENTIALS_INVALID` when the helper is missing, fails, takes too long or answers
 *   invalidly
 * @see docker-credential-helpers, "Development"
 */
export const executeHelper: CredentialHelperRunner = (helper, server, signal) =>
  new Promise((done, fail) => {
    const program = `docker-credential-${helper}`
    const failed = (what: string): void => fail(credentialsInvalid(`\`${program}\` for \`${server}\` ${what}`))
    const options = { timeout: MAX_HELPER_MS, maxBuffer: MAX_HELPER_OUTPUT_BYTES, signal, windowsHide: true } as const
    const child = execFile(program, ['get'], { ...options, killSignal: 'SIGKILL' }, (error, stdout) => {
      if (signal.aborted) return fail(abortError(signal))
      if (error === null) {
        const answer = parseAnswer(stdout)
        return answer === undefined ? failed('did not answer with `Username` and `Secret`') : done(answer)
      }
      if (stdout.trim() === NO_CREDENTIAL) return done(undefined)
      if (error.code === 'ENOENT') return failed('is not on PATH')
      if (error.code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER')
        return failed(`printed more than ${MAX_HELPER_OUTPUT_BYTES} bytes`)
      if (error.killed === true) return failed(`took more than ${MAX_HELPER_MS} ms`)
      failed(`failed (${typeof error.code === 'number' ? `exit code ${error.code}` : (error.code ?? 'killed')})`)
    })
    // A helper that ends without reading its input closes the pipe; its exit code says why.
    child.stdin?.on('error', () => undefined)
    child.stdin?.end(server)
  })

function parseAnswer(text: string): { readonly username: string; readonly secret: string } | undefined {
  let value: unknown
  try {
    value = parseStrictJson(Buffer.from(text))
  } catch {
    return undefined
  }
  if (!isObject(value)) return undefined
  const { Username: username, Secret: secret } = value
  return typeof username === 'string' && typeof secret === 'string' && secret !== '' ? { username, secret } : undefined
}
