import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { load } from 'js-yaml'
import { expect, test } from 'vitest'
import { readArguments } from './command-line/read-arguments.ts'

const root = join(import.meta.dirname, '../../..')
const GUIDES = [
  ...['docs/registries.md', 'docs/command-line.md', 'docs/fleets.md', 'docs/ci.md'],
  ...['docs/start.md', 'packages/cli/README.md'],
]

/** The command lines of the indented blocks of a guide, without pipes, redirections and comments. */
function commandsOf(guide: string): readonly string[] {
  const blocks = [...readFileSync(join(root, guide), 'utf8').matchAll(/^ {4}.*\bverify-images .+$/gm)]
  return blocks
    .map(([line]) => line.replace(/^.*?\bverify-images /, '').replace(/ [|>#].*$/, ''))
    .filter((command) => !line(command).includes('install'))
}

function line(command: string): readonly string[] {
  return [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '')
}

test.each(GUIDES)('every command line of %s is accepted', (guide) => {
  const commands = commandsOf(guide)
  expect(commands.length).toBeGreaterThan(0)
  for (const command of commands) expect(() => readArguments(line(command)), command).not.toThrow()
})

test('the command line of the Indexed Job is accepted, for its first Pod and its last', () => {
  const job = load(readFileSync(join(root, 'examples/fleet/job.yaml'), 'utf8')) as {
    readonly spec: {
      readonly completions: number
      readonly template: { readonly spec: { readonly containers: readonly [{ readonly args: readonly string[] }] } }
    }
  }
  const { completions, template } = job.spec
  const [{ args }] = template.spec.containers
  for (const index of [0, completions - 1])
    expect(
      readArguments(args.map((argument) => argument.replace('$(JOB_COMPLETION_INDEX)', String(index)))),
    ).toMatchObject({ shard: { index, count: completions } })
})
