import type { PolicyIssue } from '@verify-images/core'

/** Where something stands in a text: name, line and column, which document of several, and the path in it. */
export function placeIn(
  name: string,
  text: string,
  { line, column, path = '' }: Partial<Pick<PolicyIssue, 'line' | 'column' | 'path'>>,
): string {
  const at = line === undefined ? name : `${name}:${String(line)}:${String(column)}${documentAt(text, line)}`
  return path === '' ? at : `${at} ${path}`
}

/** Which document a line is in, counted as Kubernetes cuts them; empty ones do not count, and a text of one needs no number. */
function documentAt(text: string, line: number): string {
  let count = 0
  let number = 0
  let isEmpty = true
  for (const [i, content] of text.split('\n').entries()) {
    if (/^---[ \t\r]*(?:#.*)?$/.test(content)) isEmpty = true
    else if (isEmpty && /^\s*[^\s#]/.test(content)) {
      isEmpty = false
      count++
    }
    if (i < line) number = count
  }
  return count < 2 ? '' : ` (document ${String(Math.max(number, 1))})`
}
