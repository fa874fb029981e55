import { OPTIONS, SECTIONS, type Option, type Section } from './options.ts'

/** Where the explanations begin, and where lines end. */
const COLUMN = 34
const WIDTH = 120

export const USAGE: string = `verify-images: may this container image run?

usage: verify-images apply <policy…> (--resource <file|-> | --image <reference>) [options]
       verify-images explain <policy…> (--resource <file|-> | --image <reference>) [options]
       verify-images tree <image…> [options]
       verify-images --help | --version

apply    judges objects and images by the verifyImages rules of Kyverno policies
explain  does the same and prints the whole tree: every row, its evidence, and what stopped each candidate
tree     prints what is attached to an image and how each part reads; judges nothing

${(Object.keys(SECTIONS) as Section[]).map(describeSection).join('\n')}
Any <file>, and any policy, may be - for standard input; it can be read only once. (+: may be repeated)

exit: 0 admitted, 1 denied, 2 could not be checked, 64 the command line or a file cannot be understood, 74 the answer could not be written
`

function describeSection(section: Section): string {
  const options = Object.entries<Option>(OPTIONS).filter(([, option]) => option.section === section)
  return `${SECTIONS[section].title}\n${options.map(([name, option]) => describeOption(name, option)).join('')}`
}

function describeOption(name: string, { short, value, multiple, help }: Option): string {
  const written = `  ${short === undefined ? '' : `-${short}, `}--${name}${value === undefined ? '' : ` ${value}`}${multiple === true ? ' +' : ''}`
  return `${written.length < COLUMN - 1 ? written.padEnd(COLUMN) : `${written}\n${' '.repeat(COLUMN)}`}${wrap(help).join(`\n${' '.repeat(COLUMN)}`)}\n`
}

function wrap(text: string): readonly string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && COLUMN + last.length + 1 + word.length <= WIDTH)
      lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}
