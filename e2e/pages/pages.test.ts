import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createPageFolder, type PageFolder } from './page-folder.ts'
import { parsePage, printsAs, type Step } from './parse-page.ts'

const docs = join(import.meta.dirname, '../../docs')
const PAGES = [
  ...['start.md', 'webhook.md', 'testing-policies.md', 'cache.md'],
  ...readdirSync(join(docs, 'guides'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `guides/${name}`),
]

/** Ours are run, so they have no place among the commands of other tools. */
const OURS = /^(?:npx )?(?:verify-images|node|npm|curl|openssl)\b/

test.each(PAGES)('docs/%s: every command does what the page says', { timeout: 180_000 }, async (page) => {
  const folder = await createPageFolder()
  try {
    let output = ''
    for (const step of parsePage(readFileSync(join(docs, page), 'utf8')))
      output = await follow(step, { folder, output, page })
  } finally {
    await folder.close()
  }
})

interface Reader {
  readonly folder: PageFolder
  /** Of the commands before. */
  readonly output: string
  readonly page: string
}

/** Does one step, and returns what the last commands printed. */
async function follow(step: Step, { folder, output, page }: Reader): Promise<string> {
  const where = `${page}:${String(step.line)}`
  switch (step.kind) {
    case 'save':
      await folder.save(step.file, step.text)
      return output
    case 'run': {
      if (step.background) return folder.start(step.script)
      const done = await folder.run(step.script)
      expect(done.code, `${where}: ${done.output}`).toBe(step.exitCode)
      return done.output
    }
    case 'expect':
      if (!printsAs(output, step.output)) expect(output, where).toBe(step.output)
      return output
    case 'other-tools':
      expect(
        step.commands.filter((command) => OURS.test(command)),
        where,
      ).toEqual([])
      return output
  }
}

test('a page without a name for its code is refused', () => {
  expect(() => parsePage('# Page\n\n```ts\ncode\n```\n')).toThrow('line 3: expected the name of a file after `ts`')
})

test('an output matches with anything in place of the ellipsis, and nothing else', () => {
  expect(printsAs('a 1 b\n\nc\n', 'a … b\n…c')).toBe(true)
  expect(printsAs('a 1 b\nc\n', 'a … b')).toBe(false)
  expect(printsAs('axb', 'a.b')).toBe(false)
})
