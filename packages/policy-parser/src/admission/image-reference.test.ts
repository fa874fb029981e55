import { describe, expect, it } from 'vitest'
import { isImageReference } from './image-reference.ts'

describe('isImageReference', () => {
  it.each([
    'nginx',
    'nginx:1.27',
    'ghcr.io/acme/app',
    'localhost:5000/a/b:v1',
    'a__b/c-d.e',
    `app@sha256:${'a'.repeat(64)}`,
    `a.b/c:1@sha512:${'0'.repeat(128)}`,
    '[::1]:5000/x',
    'Host/app',
    'host:5000',
  ])('takes %s', (text) => expect(isImageReference(text)).toBe(true))

  it.each([
    '',
    'bad ref',
    'UPPER',
    'a/UPPER',
    'app:',
    'app@',
    'app@sha256:abc',
    `app@sha256:${'A'.repeat(64)}`,
    `app@md5:${'a'.repeat(32)}`,
    'a//b',
    '/a',
    'a/',
    'a:b:c',
    'x'.repeat(256),
    `app:${'x'.repeat(129)}`,
    'a@b@c',
  ])('does not take %s', (text) => expect(isImageReference(text)).toBe(false))
})
