import { OPTIONS, SECTIONS, type Option, type Section } from './options.ts'

/** The version of this package; a test compares it with the manifest. */
export const VERSION = '0.1.0'

/** Column at which the help texts begin, and the width of a line. */
const COLUMN = 34
const WIDTH = 120

const SECTION_ORDER: readonly Section[] = [
  'policies',
  'signer',
  'objects',
  'input',
  'trust',
  'registry',
  'output',
  'general',
]

export const USAGE: string = `verify-images: checks container images against the verifyImages rules of Kyverno policies

usage: verify-images apply <policy…> (--resource <file|-> | --image <reference>) [options]
       verify-images explain <policy…> (--resource <file|-> | --image <reference>) [options]
       verify-images image <image…> --policy <file> [options]
       verify-images verify <image…> (--key <file> | --certificate-identity <id> --certificate-oidc-issuer <url>)
       verify-images tree <image…> [options]
       verify-images lint <policy…> [--output <format>]
       verify-images --help | --version

apply    verifies objects and images by the policies, and prints the verdicts
explain  like apply, with every rule response, its evidence, and why each candidate was rejected
image    verifies images by policies, as if a Pod ran them
verify   verifies that images are signed by a key or an identity, without a policy
tree     prints the signatures and attestations attached to an image; verifies nothing
lint     prints what can never pass in policies and what is worth knowing about them; fetches nothing

${SECTION_ORDER.map(describeSection).join('\n')}
Any <file>, and any policy, may be - for standard input, once. Options with + may be repeated.
Options are refused if they are empty, repeated without +, or would be ignored.

exit: 0 admitted, 1 denied (tree: no such image; lint: something can never pass), 2 could not be checked,
      64 wrong usage or malformed file, 74 result not written
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
