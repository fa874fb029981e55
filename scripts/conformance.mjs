#!/usr/bin/env node
// Scores us against the corpus, area by area.
//
//   pnpm conformance                     everything
//   pnpm conformance --only cases/keys   one area (all of the scorer's options work)
//   pnpm conformance --ratchet           fails when something listed in conformance/agreed.json no longer agrees
//   pnpm conformance --accept            writes what agrees now to conformance/agreed.json

import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const ratchetFile = join(root, 'conformance/agreed.json')
const own = new Set(['--ratchet', '--accept'])
const args = process.argv.slice(2)
const folder = mkdtempSync(join(tmpdir(), 'conformance-'))
const json = join(folder, 'result.json')

try {
  const { status } = spawnSync(
    process.execPath,
    [
      '--conditions=@verify-images/source',
      '--no-warnings',
      join(root, 'conformance/corpus/score.mjs'),
      '--subject',
      join(root, 'conformance/subject.mjs'),
      '--json',
      json,
      ...args.filter((arg) => !own.has(arg)),
    ],
    { stdio: 'inherit' },
  )
  if (args.includes('--accept')) writeFileSync(ratchetFile, pack(agreedNow()))
  process.exitCode = args.includes('--ratchet') ? ratchet() : args.includes('--accept') ? 0 : (status ?? 1)
} finally {
  rmSync(folder, { recursive: true, force: true })
}

function agreedNow() {
  return JSON.parse(readFileSync(json, 'utf8')).agreed
}

function ratchet() {
  const now = new Set(agreedNow())
  const lost = unpack(readFileSync(ratchetFile, 'utf8')).filter((id) => !now.has(id))
  console.log(
    lost.length === 0
      ? 'ratchet: all that agreed still agrees'
      : `ratchet: ${lost.length} no longer agree:\n${lost.slice(0, 50).join('\n')}`,
  )
  return lost.length === 0 ? 0 : 1
}

/** Ids by area, so that a difference reads well and the file stays small: an operator's row is one id with a count. */
function pack(ids) {
  const areas = {}
  for (const id of ids) {
    const [part, area, ...rest] = id.split('/')
    const list = (areas[`${part}/${area}`] ??= [])
    list.push(rest.join('/'))
  }
  return `${JSON.stringify(
    Object.fromEntries(
      Object.entries(areas).map(([area, list]) => [area, area.endsWith('/operators') ? rows(list) : list]),
    ),
    null,
    0,
  )
    .replaceAll('],"', '],\n"')
    .replaceAll('},"', '},\n"')}\n`
}

/** `id/0` … `id/123` of one operator row. */
function rows(list) {
  const byRow = {}
  for (const id of list) {
    const [row, column] = id.split('/')
    ;(byRow[row] ??= []).push(Number(column))
  }
  return Object.fromEntries(
    Object.entries(byRow).map(([row, columns]) => {
      columns.sort((a, b) => a - b)
      return [row, columns.every((column, i) => column === i) ? columns.length : columns]
    }),
  )
}

function unpack(text) {
  return Object.entries(JSON.parse(text)).flatMap(([area, list]) => {
    if (Array.isArray(list)) return list.map((id) => `${area}/${id}`)
    return Object.entries(list).flatMap(([row, columns]) =>
      (Array.isArray(columns) ? columns : Array.from({ length: columns }, (_, i) => i)).map(
        (column) => `${area}/${row}/${column}`,
      ),
    )
  })
}
