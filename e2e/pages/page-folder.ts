import { spawn, type ChildProcess } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { freePort } from '../testing/free-port.ts'

/** The port of servers on the pages; here another one, so that tests can run beside each other. */
const PAGE_PORT = '8443'

const root = join(import.meta.dirname, '../..')

/** An empty folder of a reader, in which the packages of this repository can be installed. */
export interface PageFolder {
  readonly save: (file: string, text: string) => Promise<void>
  /** Runs commands until they end; the output is that of both streams. */
  readonly run: (script: string) => Promise<{ readonly code: number; readonly output: string }>
  /** Starts a program that goes on running, and waits for its first line. */
  readonly start: (script: string) => Promise<string>
  readonly close: () => Promise<void>
}

export async function createPageFolder(): Promise<PageFolder> {
  const base = await mkdtemp(join(tmpdir(), 'verify-images-page-'))
  const folder = join(base, 'try')
  await installPackages(base, folder)
  const environment = environmentIn(base)
  const started: ChildProcess[] = []
  const port = String(await freePort())
  const spawnScript = (script: string): ChildProcess =>
    spawn('bash', ['-euo', 'pipefail', '-c', `exec 2>&1\n${script.replaceAll(PAGE_PORT, port)}`], {
      cwd: folder,
      env: environment,
      detached: true,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
  return {
    save: async (file, text) => {
      await mkdir(dirname(join(folder, file)), { recursive: true })
      await writeFile(join(folder, file), text)
    },
    run: async (script) => {
      const child = spawnScript(script)
      let output = ''
      child.stdout?.on('data', (data) => void (output += String(data)))
      const code = await new Promise<number>((resolve) => child.once('close', (status) => resolve(status ?? -1)))
      return { code, output }
    },
    start: async (script) => {
      const child = spawnScript(script)
      started.push(child)
      return new Promise((resolve, reject) => {
        child.stdout?.once('data', (data) => resolve(String(data)))
        child.once('close', () => reject(new Error(`ended at once: ${script}`)))
      })
    },
    close: async () => {
      // Each is a process group of its own: bash, and what bash started.
      for (const { pid, exitCode } of started) if (pid !== undefined && exitCode === null) process.kill(-pid, 'SIGKILL')
      await rm(base, { recursive: true, force: true })
    },
  }
}

/** `npm install` of the page finds what is already there: the packages of this repository, as sources. */
async function installPackages(base: string, folder: string): Promise<void> {
  const modules = join(base, 'node_modules')
  await mkdir(join(modules, '@verify-images'), { recursive: true })
  await mkdir(join(modules, '@kubernetes'))
  await mkdir(folder)
  for (const name of await readdir(join(root, 'packages'))) {
    const manifest = JSON.parse(await readFile(join(root, 'packages', name, 'package.json'), 'utf8')) as {
      name: string
    }
    await symlink(join(root, 'packages', name), join(modules, manifest.name))
  }
  await symlink(join(root, 'node_modules/@kubernetes/client-node'), join(modules, '@kubernetes/client-node'))
  await symlink(join(root, 'node_modules/vitest'), join(modules, 'vitest'))
  await mkdir(join(base, 'bin'))
  for (const [name, text] of Object.entries(programs(modules))) {
    await writeFile(join(base, 'bin', name), `#!/bin/sh\n${text}\n`)
    await chmod(join(base, 'bin', name), 0o755)
  }
}

const programs = (modules: string): Readonly<Record<string, string>> => ({
  'verify-images': `exec node "${join(root, 'packages/cli/src/main.ts')}" "$@"`,
  vitest: `exec node "${join(root, 'node_modules/vitest/vitest.mjs')}" "$@"`,
  npx: 'exec "$@"',
  // The one command that is replaced: it fails for a package that does not exist.
  npm: `case "$1" in
  init) echo '{ "type": "module" }' > package.json ;;
  install) shift; for each; do case "$each" in -*) ;; *) [ -e "${modules}/$each" ] || exit 1 ;; esac; done ;;
esac`,
})

function environmentIn(base: string): NodeJS.ProcessEnv {
  return {
    PATH: [join(base, 'bin'), dirname(process.execPath), process.env['PATH']].join(':'),
    HOME: base,
    NODE_OPTIONS: '--conditions=@verify-images/source --no-warnings',
  }
}
