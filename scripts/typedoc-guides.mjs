// A plugin for typedoc: pages of docs/ get the title of their heading, and a group by what they are for, so that they
// need no front matter, which hosts of Markdown would show.

import { basename } from 'node:path'
import { Converter } from 'typedoc'

/** Pages to look things up in; the other ones of docs/ are guides. */
const REFERENCE = new Set([
  'architecture',
  'CHANGELOG',
  'comparison',
  'differences',
  'errors',
  'functions',
  'kinds',
  'limits',
  'operators',
  'reference',
  'security',
  'versions',
])

export function load(app) {
  app.converter.on(Converter.EVENT_CREATE_DOCUMENT, (_, page) => {
    const text = page.content.map((part) => part.text).join('')
    const heading = /^# (.+)$/m.exec(text)?.[1]
    page.frontmatter.group ??= groupOf(page.name)
    if (heading !== undefined) page.name = heading.replaceAll('`', '')
    // The page shows its title above its content.
    const [first] = page.content
    if (first !== undefined) first.text = first.text.replace(/^\s*# .+\n/, '')
  })
}

function groupOf(name) {
  const file = basename(name)
  if (name.startsWith('decisions/') || name.includes('/decisions/')) return 'Decisions'
  if (name.includes('guides/')) return 'Guides'
  if (name.startsWith('packages/')) return 'Packages'
  return REFERENCE.has(file) ? 'Reference' : 'Guides'
}
