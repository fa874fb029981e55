/*
 * Imported before everything else, and imports nothing: it must also run on versions of Node that cannot load the rest.
 */

/** The versions of Node that this package supports; a test compares it with `engines` in the manifest. */
export const SUPPORTED_NODE = '^22.22.2 || ^24.15.0 || >=26'

/** Returns why this version of Node cannot run the command; undefined if it can. */
export function nodeProblem(version: string): string | undefined {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number)
  const isSupported =
    major >= 26 || (major === 24 && minor >= 15) || (major === 22 && (minor > 22 || (minor === 22 && patch >= 2)))
  return isSupported ? undefined : `unsupported Node ${version}: expected ${SUPPORTED_NODE}`
}
