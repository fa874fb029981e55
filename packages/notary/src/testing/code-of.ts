/** Returns the code of the error of a step; throws for any other error, and if the step succeeds. */
export async function codeOf(step: () => unknown): Promise<string | undefined> {
  try {
    await step()
    return undefined
  } catch (error) {
    if (error instanceof Error && 'code' in error && ['CheckError', 'NotaryError'].includes(error.name))
      return String(error.code)
    throw error
  }
}
