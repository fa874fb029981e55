/** Returns the code of what a step fails with; fails the test for anything that is no error of ours. */
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
