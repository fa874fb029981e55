import { posix } from 'node:path'
import { findReferences, type Json } from '@verify-images/primitives'
import { shown } from '../policy-error.ts'
import type { Leaf } from './leaves.ts'

/** Returns why a reference `$(path)` cannot be resolved in its document; undefined if it can. */
export function referenceFault(leaf: Leaf, targets: () => ReadonlyMap<string, Json>): string | undefined {
  if (typeof leaf.value !== 'string' || !leaf.value.includes('$(')) return undefined
  return findReferences(leaf.value)
    .map(({ text }) => faultOf(text, leaf, targets()))
    .find((fault) => fault !== undefined)
}

/** Returns the leaves that references of a document can name, by pointer, without anchors. */
export function referenceTargets(leaves: readonly Leaf[]): ReadonlyMap<string, Json> {
  return new Map(leaves.map(({ pointer, value }) => [withoutAnchors(pointer), value]))
}

function faultOf(reference: string, leaf: Leaf, targets: ReadonlyMap<string, Json>): string | undefined {
  const inner = trimmed(reference)
  const operator = inner.length < 2 ? '' : (/^(?:>=|<=|[><!])/.exec(inner)?.[0] ?? '')
  const target = inner.slice(operator.length)
  if (target === '') return `reference ${shown(reference)} is empty`
  const pointer = target.startsWith('/') ? target : posix.join(leaf.pointer, target).replace(/(?<=.)\/$/, '')
  const found = targets.get(pointer)
  const fits = typeof found === 'string' || (operator !== '' && typeof found === 'number')
  return fits ? undefined : `reference ${shown(reference)} does not name a string`
}

const SIGNS = '$()'

/** Removes `$`, `(` and `)` from both ends. */
function trimmed(text: string): string {
  let [start, end] = [0, text.length]
  while (start < end && SIGNS.includes(text.charAt(start))) start++
  while (end > start && SIGNS.includes(text.charAt(end - 1))) end--
  return text.slice(start, end)
}

/** Removes pattern anchors such as `(key)` and `X(key)` from a pointer. */
function withoutAnchors(pointer: string): string {
  if (!pointer.includes('(')) return pointer
  return pointer
    .split('/')
    .map((part) => /^[+<=X^]?\((.+)\)$/.exec(part.trim())?.[1] ?? part)
    .join('/')
}
