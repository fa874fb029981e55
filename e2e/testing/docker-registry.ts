import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { freePort } from './free-port.ts'

/** A running registry of the distribution project (Debian's docker-registry, version 2.8). */
export interface DockerRegistry {
  /** `127.0.0.1:<port>` */
  readonly host: string
  /** Stops it and deletes its folder. */
  readonly close: () => Promise<void>
}

export interface DockerRegistryOptions {
  /** Files to put beside the configuration, by name. */
  readonly files?: Readonly<Record<string, string>>
  /** Members of the configuration: `http.tls`, `auth`, … They get the folder that has the files. */
  readonly configure?: (folder: string) => Readonly<Record<string, unknown>>
}

/**
 * Returns the path of the registry's binary: of the environment, of `scripts/fetch-docker-registry.mjs`, or on PATH.
 */
export function findDockerRegistry(): string | undefined {
  const fetched = join(import.meta.dirname, '../../node_modules/.cache/docker-registry/usr/bin/docker-registry')
  const onPath = (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, 'docker-registry'))
  return [process.env['DOCKER_REGISTRY'] ?? '', fetched, ...onPath].find((path) => path !== '' && existsSync(path))
}

/** Starts the registry on a free port of the loopback interface, with storage in memory. */
export async function startDockerRegistry(
  binary: string,
  { files = {}, configure = () => ({}) }: DockerRegistryOptions = {},
): Promise<DockerRegistry> {
  const folder = await mkdtemp(join(tmpdir(), 'docker-registry-'))
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
  const host = `127.0.0.1:${String(await freePort())}`
  const { http = {}, ...rest } = configure(folder)
  // JSON is YAML.
  const configuration = {
    version: 0.1,
    log: { level: 'error', accesslog: { disabled: true } },
    storage: { inmemory: {} },
    http: { addr: host, secret: 'not-used', ...Object(http) },
    ...rest,
  }
  await writeFile(join(folder, 'config.yml'), JSON.stringify(configuration))
  const child = spawn(binary, ['serve', join(folder, 'config.yml')], { stdio: ['ignore', 'ignore', 'pipe'] })
  const output: string[] = []
  child.stderr.on('data', (text: Buffer) => output.push(text.toString('utf8')))
  const close = async (): Promise<void> => {
    await stopped(child)
    await rm(folder, { recursive: true, force: true })
  }
  try {
    await accepting(child, host)
  } catch (error) {
    await close()
    throw new Error(`docker-registry did not start: ${output.join('').slice(-1000)}`, { cause: error })
  }
  return { host, close }
}

/** Any answer will do: TLS and authentication are the test's. */
async function accepting(child: ChildProcess, host: string): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if (child.exitCode !== null) throw new Error(`exit code ${String(child.exitCode)}`)
    const answered = await fetch(`http://${host}/v2/`).then(
      () => true,
      () => false,
    )
    if (answered) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error('no answer within ten seconds')
}

async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  const exited = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await exited
}
