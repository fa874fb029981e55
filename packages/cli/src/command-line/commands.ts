/** A command, for the parser, the help and the completion. */
export interface CommandEntry {
  readonly summary: string
  /** In the notation of the help: `<policy...>`, `[image...]`. */
  readonly operands: string
  /** What a shell completes operands with. */
  readonly completes: 'files' | 'nothing' | readonly string[]
  readonly examples: readonly string[]
}

export const SHELLS = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof SHELLS)[number]

export const COMMANDS = {
  apply: {
    summary: 'verifies objects and images by policies, and prints the verdicts',
    operands: '<policy...>',
    completes: 'files',
    examples: [
      'verify-images apply policies/ --resource manifests/',
      'helm template ./chart | verify-images apply policies/ --resource - --unmatched refuse',
      'verify-images apply policy.yaml --image ghcr.io/acme/app:1',
    ],
  },
  explain: {
    summary: 'like apply, with every rule response, its evidence, and why each candidate was rejected',
    operands: '<policy...>',
    completes: 'files',
    examples: ['verify-images explain policy.yaml --image ghcr.io/acme/app:1'],
  },
  image: {
    summary: 'verifies images by policies, as if a Pod ran them',
    operands: '[image...]',
    completes: 'nothing',
    examples: [
      'verify-images image ghcr.io/acme/app:1 --policy policies/',
      'verify-images image --images-from images.txt --policy policies/ --shard 0/20',
    ],
  },
  verify: {
    summary: 'verifies that images are signed by a key or an identity, without a policy',
    operands: '[image...]',
    completes: 'nothing',
    examples: ['verify-images verify ghcr.io/acme/app:1 --key cosign.pub'],
  },
  tree: {
    summary: 'prints the signatures and attestations attached to images; verifies nothing',
    operands: '<image...>',
    completes: 'nothing',
    examples: ['verify-images tree ghcr.io/acme/app:1'],
  },
  lint: {
    summary: 'prints what is wrong with policies, where, and how to mend it; fetches nothing',
    operands: '<policy...>',
    completes: 'files',
    examples: ['verify-images lint policies/', 'verify-images lint policies/ --output sarif > policies.sarif'],
  },
  test: {
    summary: 'runs the tests of policies: every kyverno-test.yaml in a folder',
    operands: '<folder...>',
    completes: 'files',
    examples: ['verify-images test policies/', 'verify-images test policies/ --output junit > tests.xml'],
  },
  'trust show': {
    summary: 'prints the authorities and logs of a trust root, and how old it is',
    operands: '',
    completes: 'nothing',
    examples: ['verify-images trust show', 'verify-images trust show --trusted-root trusted_root.json'],
  },
  'trust refresh': {
    summary: 'fetches the trust root over TUF, verifies it, and prints it for --trusted-root',
    operands: '',
    completes: 'nothing',
    examples: [
      'verify-images trust refresh --cache-folder ~/.cache/verify-images > new.json && mv new.json trusted_root.json',
    ],
  },
  'trust export': {
    summary: 'prints the built-in trust root for --trusted-root',
    operands: '',
    completes: 'nothing',
    examples: ['verify-images trust export > trusted_root.json'],
  },
  completion: {
    summary: 'prints the completion script for a shell',
    operands: '<shell>',
    completes: ['bash', 'zsh', 'fish'],
    examples: [
      'source <(verify-images completion bash)',
      'verify-images completion zsh > "${fpath[1]}/_verify-images"',
      'verify-images completion fish > ~/.config/fish/completions/verify-images.fish',
    ],
  },
} as const

export type CommandName = keyof typeof COMMANDS

/** The commands in the order of the help. */
export const COMMAND_LIST: readonly (readonly [CommandName, CommandEntry])[] = Object.entries<CommandEntry>(
  COMMANDS,
).flatMap(([name, entry]) => (isCommandName(name) ? [[name, entry] as const] : []))

export function isCommandName(name: string): name is CommandName {
  return Object.hasOwn(COMMANDS, name)
}
