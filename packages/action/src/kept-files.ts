import { randomUUID } from 'node:crypto'
import type { CommandIO } from 'verify-images'
import type { RegistryCredential } from './inputs.ts'

/** The formats that the action takes from the command and keeps for itself. */
const FORMATS = ['text', 'markdown', 'json'] as const
type KeptFormat = (typeof FORMATS)[number]

export interface KeptFiles {
  /** The options that name the files. */
  readonly options: readonly string[]
  /** The surroundings of the command, which know the files. */
  readonly io: CommandIO
  /** What the command has written; undefined if it has not. */
  readonly read: (format: KeptFormat) => string | undefined
}

/**
 * Keeps files of the command in memory: nothing is left behind, and a password is on no disk. Their names are random, so
 * that no input of the step is one of them.
 */
export function keepFiles(credential: RegistryCredential | undefined, io: CommandIO): KeptFiles {
  const [folder, config] = [randomUUID(), `${randomUUID()}.json`]
  const fileOf = (format: KeptFormat): string => `${folder}/${format}`
  const own = new Set(FORMATS.map(fileOf))
  const written = new Map<string, string>()
  return {
    options: [
      ...FORMATS.map((format) => `--output=${format}=${fileOf(format)}`),
      ...(credential === undefined ? [] : [`--docker-config=${config}`]),
    ],
    io: {
      ...io,
      readFile: (path) =>
        credential !== undefined && path === config ? Promise.resolve(dockerConfigOf(credential)) : io.readFile(path),
      writeFile: (path, data) =>
        own.has(path) ? Promise.resolve(void written.set(path, data)) : io.writeFile(path, data),
    },
    read: (format) => written.get(fileOf(format)),
  }
}

function dockerConfigOf(credential: RegistryCredential): string {
  return JSON.stringify({ auths: { [credential.registry]: { auth: basicOf(credential) } } })
}

/** The credential as it is sent and stored. */
export function basicOf({ username, password }: RegistryCredential): string {
  return Buffer.from(`${username}:${password}`).toString('base64')
}
