// node image-list.ts images.txt policies/ report.xml [further options of `verify-images image`]
//
// Verifies a list of images, shows how far it is, and writes a report that CI systems show as tests.
import { processIO, run, type CommandIO } from 'verify-images'

export interface ImageList {
  /** A file with an image reference per line. */
  readonly list: string
  readonly policies: string
  readonly report: string
  readonly options?: readonly string[]
}

/** Resolves to the exit code: 0 if all images are admitted, 1 if one is denied, 2 if one could not be checked. */
export function verifyImageList({ list, policies, report, options = [] }: ImageList, io: CommandIO): Promise<number> {
  const files = ['--images-from', list, '--policy', policies, '--output', `junit=${report}`]
  return run(['image', ...files, '--unmatched', 'refuse', '--quiet', ...options], io)
}

if (import.meta.main) {
  const [list = 'images.txt', policies = 'policies/', report = 'report.xml', ...options] = process.argv.slice(2)
  // The command shows its progress on a terminal; here it is a line in the log of the pipeline, too.
  const progress = (text: string): void => void (text !== '' && process.stderr.write(`${text}\n`))
  process.exitCode = await verifyImageList({ list, policies, report, options }, { ...processIO(), progress })
}
