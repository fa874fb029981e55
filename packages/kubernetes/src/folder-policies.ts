import { readdir, readFile, realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { aPositiveInteger, aString, messageOf, type OptionTable } from '@verify-images/primitives'
import { checkOptions, KubernetesError } from './kubernetes-error.ts'
import { FOLDER_RELOAD_MS, MAX_POLICY_FILE_BYTES, MAX_POLICY_FILES } from './limits.ts'
import type { PolicyDocument, PolicyFeed } from './policy-feed.ts'

export interface FolderPoliciesOptions {
  /** The folder whose files `*.yaml`, `*.yml` and `*.json` are read. It may be a mounted ConfigMap. */
  readonly folder: string
  /** A folder of PolicyExceptions. Default: no exceptions. */
  readonly exceptions?: string
  /** Milliseconds between two reads. Default: 10 000. */
  readonly reloadMs?: number
}

const folderOptions: OptionTable<FolderPoliciesOptions> = {
  folder: aString,
  exceptions: aString,
  reloadMs: aPositiveInteger,
}

/**
 * Reads policies from the files of a folder, now and after each `reloadMs`.
 *
 * @throws KubernetesError KUBERNETES_OPTIONS_INVALID
 */
export function folderPolicies(options: FolderPoliciesOptions): PolicyFeed {
  checkOptions(options, folderOptions, { required: ['folder'] })
  const { folder, exceptions, reloadMs = FOLDER_RELOAD_MS } = options
  return {
    start: ({ changed, problem }) => {
      let reading = false
      const read = async (): Promise<void> => {
        if (reading) return
        reading = true
        try {
          const documents = {
            policies: await filesIn(folder),
            exceptions: exceptions === undefined ? [] : await filesIn(exceptions),
          }
          problem(undefined)
          changed(documents)
        } catch (error) {
          problem(messageOf(error))
        } finally {
          reading = false
        }
      }
      void read()
      const timer = setInterval(() => void read(), reloadMs).unref()
      return () => clearInterval(timer)
    },
  }
}

/** @throws KubernetesError KUBERNETES_POLICIES_UNREADABLE */
async function filesIn(folder: string): Promise<readonly PolicyDocument[]> {
  try {
    const current = await versionOf(folder)
    const names = (await readdir(current)).filter((name) => /^[^.].*\.(?:ya?ml|json)$/.test(name)).sort()
    if (names.length > MAX_POLICY_FILES) throw new Error(`more than ${String(MAX_POLICY_FILES)} files`)
    const documents: PolicyDocument[] = []
    for (const name of names) documents.push({ source: name, text: await textOf(join(current, name)) })
    return documents
  } catch (cause) {
    const message = `cannot read the policies in ${folder}: ${messageOf(cause)}`
    throw new KubernetesError('KUBERNETES_POLICIES_UNREADABLE', message, { cause })
  }
}

/**
 * Returns the folder of the current files. Kubelet replaces all files of a mounted ConfigMap at once, by pointing
 * `..data` elsewhere. Reading below its target never mixes two versions.
 *
 * @see Kubernetes, pkg/volume/util/atomic_writer.go
 */
async function versionOf(folder: string): Promise<string> {
  try {
    return await realpath(join(folder, '..data'))
  } catch {
    return folder
  }
}

async function textOf(file: string): Promise<string> {
  const { size } = await stat(file)
  if (size > MAX_POLICY_FILE_BYTES) throw new Error(`${file}: more than ${String(MAX_POLICY_FILE_BYTES)} bytes`)
  return readFile(file, 'utf8')
}
