// Writes what the commands of the pages print now into the pages: `pnpm docs-pages docs/guides/key.md`. Read the
// difference before you commit it.
import { readFile, writeFile } from 'node:fs/promises'
import { createPageFolder } from './page-folder.ts'
import { parsePage, printsAs } from './parse-page.ts'

/** The output without what differs from one run to the next. */
function stable(output: string): string {
  return output
    .trim()
    .replaceAll(/\b[0-9a-f]{32,}/g, '…')
    .replaceAll(/(127\.0\.0\.1):\d+/g, '$1:…')
    .replaceAll(/\b\d+ bytes/g, '… bytes')
    .replaceAll(/\/tmp\/verify-images-page-\w+\/try/g, '…')
}

async function updatePage(page: string): Promise<void> {
  const markdown = await readFile(page, 'utf8')
  const folder = await createPageFolder()
  let output = ''
  let updated = markdown
  try {
    for (const step of parsePage(markdown)) {
      if (step.kind === 'save') await folder.save(step.file, step.text)
      else if (step.kind === 'run')
        output = step.background ? await folder.start(step.script) : (await folder.run(step.script)).output
      else if (step.kind === 'expect' && !printsAs(output, step.output))
        updated = updated.replace(`\`\`\`text\n${step.output}`, () => `\`\`\`text\n${stable(output)}\n`)
    }
  } finally {
    await folder.close()
  }
  await writeFile(page, updated)
}

for (const page of process.argv.slice(2)) await updatePage(page)
