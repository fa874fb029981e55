import { execFile } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')
const ACTIONLINT = 'github.com/rhysd/actionlint/cmd/actionlint@v1.7.12'

/** How to run the linter: as a program, or with Go, which fetches it. */
function linter(): readonly [string, ...string[]] | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), join(homedir(), 'go/bin')]
  const found = (name: string): string | undefined =>
    folders.map((folder) => join(folder, name)).find((file) => existsSync(file))
  const [actionlint, go] = [found('actionlint'), found('go')]
  if (actionlint !== undefined) return [actionlint]
  return go === undefined ? undefined : [go, 'run', ACTIONLINT]
}

const [command, ...first] = linter() ?? []

/** The YAML blocks of a guide that are whole workflows. */
const workflowsIn = (guide: string): readonly string[] =>
  [...readFileSync(join(root, guide), 'utf8').matchAll(/^```yaml\n(name: [\s\S]*?)^```$/gm)].map(
    ([, text = '']) => text,
  )

/** Returns what the linter finds in workflows; the inputs and outputs of our action are checked, too. */
async function lint(workflows: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'workflows-'))
  try {
    for (const each of ['.git', '.github/workflows', 'action/dist'])
      await mkdir(join(folder, each), { recursive: true })
    await cp(join(root, 'packages/action/action.yml'), join(folder, 'action/action.yml'))
    await writeFile(join(folder, 'action/dist/index.js'), '')
    for (const [name, text] of Object.entries(workflows))
      await writeFile(
        join(folder, '.github/workflows', name),
        text.replace(/verify-images\/verify-images@\S+/, './action'),
      )
    return await new Promise((resolve) => {
      execFile(command ?? '', [...first, '-no-color'], { cwd: folder }, (error, stdout, stderr) => {
        resolve(error === null ? '' : stdout + stderr)
      })
    })
  } finally {
    await rm(folder, { recursive: true })
  }
}

const title = (what: string): string =>
  `${what}${command === undefined ? ' (SKIPPED: neither actionlint nor Go is here)' : ''}`

test.skipIf(command === undefined)(
  title('the workflows of this repository are valid'),
  async () => {
    const folder = join(root, '.github/workflows')
    const files = readdirSync(folder)
    expect(files.length).toBeGreaterThan(3)
    expect(await lint(Object.fromEntries(files.map((file) => [file, readFileSync(join(folder, file), 'utf8')])))).toBe(
      '',
    )
  },
  120_000,
)

test.skipIf(command === undefined)(
  title('the workflows of the guide are valid, and name inputs and outputs that the action has'),
  async () => {
    const workflows = workflowsIn('docs/ci.md')
    expect(workflows.length).toBeGreaterThan(2)
    const named = Object.fromEntries(workflows.map((text, i) => [`${String(i)}.yml`, text]))
    expect(await lint(named)).toBe('')
    const [whole = ''] = workflows
    expect(await lint({ 'wrong.yml': whole.replace('sarif-file:', 'sarif:') })).toMatch(/input "sarif" is not defined/)
    expect(await lint({ 'wrong.yml': whole.replaceAll('outputs.sarif-file', 'outputs.sarif') })).toMatch(
      /property "sarif" is not defined/,
    )
  },
  120_000,
)
