import fc from 'fast-check'

/** Something that reads what others wrote, with inputs for it. */
export interface Reader {
  readonly name: string
  /** Reads one random input after the other; `note` is called with whether it was read or refused. */
  readonly property: (note: (read: boolean) => void) => fc.IAsyncProperty<unknown>
}

/**
 * @param read reads an input; errors of ours refuse it, and so do those that `refuses` recognises
 */
export function reader<T>(
  name: string,
  inputs: fc.Arbitrary<T>,
  read: (input: T) => unknown,
  refuses: (error: unknown) => boolean = () => false,
): Reader {
  return {
    name,
    property: (note) =>
      fc.asyncProperty(inputs, async (input) => note(await wasRead(name, () => read(input), refuses))),
  }
}

const OURS = /^(?:Policy|Image|Condition|Registry|Attestor|Check|Certificate|Notary|Verifier|Input|Usage|Request)Error$/
const CODE = /^(?:POLICY|IMAGE|CONDITION|REGISTRY|ATTESTOR|CERTIFICATE|NOTARY|VERIFIER)_[A-Z0-9_]+$/
/** They are for people and have no code. */
const WITHOUT_CODE: ReadonlySet<unknown> = new Set(['InputError', 'UsageError', 'RequestError'])

/** Whether an input was read; one that was refused as it should be was not. @throws for whatever else was thrown */
async function wasRead(name: string, read: () => unknown, refuses: (error: unknown) => boolean): Promise<boolean> {
  try {
    await read()
    return true
  } catch (error) {
    if (refuses(error)) return false
    const [kind, code] = ['name', 'code'].map((member) => memberOf(error, member))
    if (OURS.test(String(kind)) && (WITHOUT_CODE.has(kind) || CODE.test(String(code)))) return false
    throw new Error(`${name} threw ${String(kind)} ${String(code)}`, { cause: error })
  }
}

function memberOf(error: unknown, name: string): unknown {
  return typeof error === 'object' && error !== null ? Reflect.get(error, name) : undefined
}
