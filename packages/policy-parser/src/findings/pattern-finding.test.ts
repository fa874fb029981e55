import { matchWildcard } from '@verify-images/primitives'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { patternFinding } from './pattern-finding.ts'

test.each([
  ['https://ghcr.io/acme/*', 'scheme'],
  ['docker://ghcr.io/acme/app:*', 'scheme'],
  ['^ghcr.io/acme/*', 'regular expression'],
  ['ghcr.io/acme/*$', 'regular expression'],
  ['ghcr\\.io/acme/*', 'regular expression'],
  ['(ghcr|quay).io/*', 'regular expression'],
  ['ghcr.io/acme/.*', 'regular expression'],
  ['.*/acme/*', 'regular expression'],
  ['ghcr.io/acme/[a-z]*', 'regular expression'],
  ['ghcr.io/acme/* ', 'a space'],
  ['ghcr.io/acme/*\n', 'a space'],
  ['ghcr.io/acme/a,ghcr.io/acme/b:*', 'a space'],
  ['ghcr.io/acme/app', 'a tag or a digest'],
  ['localhost:5000/app', 'a tag or a digest'],
  ['*/app', 'a tag or a digest'],
  ['ghcr.io/acme/', 'a tag or a digest'],
  ['nginx', 'a tag or a digest'],
  ['ghcr.io/Acme/*', 'upper case'],
  ['ghcr.io/acme/App:*', 'upper case'],
  ['GHCR.IO/acme/*', 'upper case'],
])('warns of the image pattern %j: %s', (pattern, expected) => {
  expect(patternFinding(pattern)).toContain(expected)
})

test.each([
  '*',
  'ghcr.io/*',
  'ghcr.io/acme/app:*',
  'ghcr.io/acme/app*',
  'ghcr.io/acme/app?v1',
  'nginx:*',
  'localhost:5000/app:v1',
  'ghcr.io/acme/app:V1-RC.1',
  '*V1',
  'ghcr.io/acme/*-RELEASE',
  '[::1]:5000/*',
  '*[::1]:5000/*',
  `ghcr.io/acme/app@sha256:${'ab'.repeat(32)}`,
  'ghcr.io/a__b/c-d.e:*',
  'ghcr.io/{{ Request.X }}',
  'ghcr.io/acme/app.*',
])('accepts the image pattern %j', (pattern) => {
  expect(patternFinding(pattern)).toBeUndefined()
})

test('reports only patterns that match no image', () => {
  const references = fc
    .tuple(
      fc.constantFrom('ghcr.io', 'localhost:5000', '[::1]:5000', 'R-1.test'),
      fc.constantFrom('app', 'acme/app', 'a/b.c/d__e/f--g'),
      fc.constantFrom(':v1', ':V1_2.x-y', `@sha256:${'ab'.repeat(32)}`),
    )
    .map((parts) => `${parts[0]}/${parts[1]}${parts[2]}`)
  // Any run of characters for a star, any character for a question mark: so each pattern matches.
  const patterns = references.chain((reference) =>
    fc
      .array(fc.record({ at: fc.nat(reference.length), length: fc.nat(4) }), { maxLength: 4 })
      .map(
        (cuts) =>
          [
            reference,
            cuts.reduce(
              (pattern, { at, length }) =>
                pattern.slice(0, at) + (length === 1 ? '?' : '*') + pattern.slice(at + length),
              reference,
            ),
          ] as const,
      ),
  )
  fc.assert(
    fc.property(patterns, ([reference, pattern]) => {
      fc.pre(matchWildcard(pattern, reference))
      expect(patternFinding(pattern) ?? '').not.toContain('matches no image')
    }),
  )
})

test('reads a pattern of 500 000 characters without backtracking', () => {
  for (const unit of ['/', 'A', '*', ':', '.']) {
    expect(patternFinding(unit.repeat(500_000))).toBe(patternFinding(unit.repeat(50)))
  }
})
