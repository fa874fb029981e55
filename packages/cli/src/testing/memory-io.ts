import type { CommandIO } from '../command-io.ts'

/** What a command wrote. */
export interface Written {
  out: string
  readonly files: Map<string, string>
  readonly stderr: string[]
}

/** Creates the IO of a command: files in memory, and what it wrote. */
export function memoryIO(
  files: ReadonlyMap<string, string> = new Map(),
  overrides: Partial<CommandIO> = {},
): { readonly io: CommandIO; readonly written: Written } {
  const written: Written = { out: '', files: new Map(), stderr: [] }
  const io: CommandIO = {
    readFile: (path) => {
      const text = files.get(path)
      return text === undefined
        ? Promise.reject(Object.assign(new Error(`no ${path}`), { code: 'ENOENT' }))
        : Promise.resolve(text)
    },
    expand: (path) => {
      const below = [...files.keys()].filter((file) => file.startsWith(path.endsWith('/') ? path : `${path}/`))
      return Promise.resolve(below.length === 0 ? [path] : below.sort())
    },
    stdout: (data) => {
      written.out += data
    },
    writeFile: (path, data) => {
      written.files.set(path, data)
      return Promise.resolve()
    },
    stderr: (line) => {
      written.stderr.push(line)
    },
    colors: false,
    interrupted: new AbortController().signal,
    environment: {},
    home: '/nowhere',
    now: () => new Date('2026-11-25T00:00:00Z'),
    ...overrides,
  }
  return { io, written }
}
